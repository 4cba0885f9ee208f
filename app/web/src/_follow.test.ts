import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { follow, type Following, type Source } from "./_follow";

class Line implements Source {
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onmessage: ((e: { data: string; lastEventId: string }) => void) | null = null;
  readyState = 0;
  constructor(readonly url: string) {
    lines.push(this);
  }
  close(): void {
    this.readyState = 2;
  }
  fail(state: number): void {
    this.readyState = state;
    this.onerror?.();
  }
}

let lines: Line[];
let taken: string[];
let polls: number;
let following: Following;
const start = (version = "3", open: ((url: string) => Source) | undefined = (url) => new Line(url)) =>
  (following = follow({ url: "/events", version, take: (d) => taken.push(d), poll: () => polls++, every: 1000, open }));
const see = (visible: boolean) => {
  Object.defineProperty(document, "visibilityState", { value: visible ? "visible" : "hidden", configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
};

beforeEach(() => {
  vi.useFakeTimers();
  [lines, taken, polls] = [[], [], 0];
});
afterEach(() => {
  see(true);
  following.stop();
  vi.useRealTimers();
});

test("what is pushed is taken, and nothing asked for while the line stands", () => {
  start();
  expect(lines[0]!.url).toBe("/events?version=3");
  lines[0]!.onopen!();
  lines[0]!.onmessage!({ data: "a", lastEventId: "4" });
  vi.advanceTimersByTime(5000);
  expect([taken, polls]).toEqual([["a"], 0]);
});

test("a line that never stands, or breaks, is asked around", () => {
  start("");
  expect(lines[0]!.url).toBe("/events");
  vi.advanceTimersByTime(2000);
  expect(polls).toBe(2);
  lines[0]!.onopen!();
  vi.advanceTimersByTime(2000);
  expect(polls).toBe(2);
  lines[0]!.fail(0); // the browser tries again by itself
  vi.advanceTimersByTime(9000);
  expect([polls, lines.length]).toEqual([11, 1]);
});

test("after a refusal it is tried again later", () => {
  start();
  lines[0]!.fail(2);
  vi.advanceTimersByTime(5000);
  expect([polls, lines.length]).toEqual([5, 1]);
  vi.advanceTimersByTime(1000);
  expect(lines.length).toBe(2);
});

test("a page that nobody looks at follows nothing, and goes on from its version", () => {
  start();
  lines[0]!.onopen!();
  lines[0]!.onmessage!({ data: "a", lastEventId: "8" });
  see(false);
  expect(lines[0]!.readyState).toBe(2);
  vi.advanceTimersByTime(5000);
  expect(polls).toBe(0);
  see(true);
  expect(lines.map((l) => l.url)).toEqual(["/events?version=3", "/events?version=8"]);
});

test("without pushing it asks", () => {
  following = follow({ url: "", version: "", take: () => {}, poll: () => polls++, every: 1000, open: (url) => new Line(url) });
  vi.advanceTimersByTime(3000);
  see(false);
  see(true);
  expect([polls, lines.length]).toEqual([4, 0]);
});
