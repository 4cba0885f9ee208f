import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { enhance } from "./undo";

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = `<div data-undo="10"><button>撤回</button></div>`;
  enhance(document.querySelector("div")!);
});
afterEach(() => vi.useRealTimers());
const there = () => document.querySelector("div") !== null;

describe("undo bar", () => {
  it("leaves after its seconds", () => {
    vi.advanceTimersByTime(9_000);
    expect(there()).toBe(true);
    vi.advanceTimersByTime(1_000);
    expect(there()).toBe(false);
  });
  it("waits while the reader is on it", () => {
    document.querySelector("button")!.dispatchEvent(new Event("focusin", { bubbles: true }));
    vi.advanceTimersByTime(60_000);
    expect(there()).toBe(true);
    document.querySelector("button")!.dispatchEvent(new Event("focusout", { bubbles: true }));
    vi.advanceTimersByTime(10_000);
    expect(there()).toBe(false);
  });
});
