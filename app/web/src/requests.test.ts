import { beforeEach, expect, test } from "vitest";
import { enhance } from "./requests";

let root: HTMLElement;

beforeEach(() => {
  const row = (n: number) => `<li><input type="checkbox" name="approve" value="${n}"><input type="checkbox" name="decline" value="${n}"></li>`;
  document.body.innerHTML = `<form><ol class="request-rows">${[0, 1, 2].map(row).join("")}</ol><button data-key="F2">on</button></form>`;
  root = document.querySelector("form")!;
  enhance(root);
  at(0, "approve").focus();
});

const at = (n: number, name: string) => root.querySelector<HTMLInputElement>(`li:nth-child(${n + 1}) [name="${name}"]`)!;
const key = (k: string) => {
  const e = new KeyboardEvent("keydown", { key: k, bubbles: true, cancelable: true });
  document.activeElement!.dispatchEvent(e);
  return e.defaultPrevented;
};
const ticked = () => [...root.querySelectorAll<HTMLInputElement>(":checked")].map((b) => `${b.name} ${b.value}`);

test("one key a request, and the button comes after the last", () => {
  for (const k of ["a", "R", "a"]) expect(key(k)).toBe(true);
  expect(ticked()).toEqual(["approve 0", "decline 1", "approve 2"]);
  expect(document.activeElement).toBe(root.querySelector("button"));
});

test("arrows walk and tick nothing; another answer takes the place of the first", () => {
  key("ArrowDown");
  key("r");
  key("ArrowUp");
  expect(document.activeElement).toBe(at(1, "approve"));
  key("a");
  expect(ticked()).toEqual(["approve 1"]);
});

test("a box that is ticked by hand unticks the other, and other keys are left alone", () => {
  key("a");
  at(0, "decline").checked = true;
  at(0, "decline").dispatchEvent(new Event("change", { bubbles: true }));
  expect(ticked()).toEqual(["decline 0"]);
  expect(key("x")).toBe(false);
});
