import { beforeEach, expect, test } from "vitest";
import { enhance } from "./door";

const page = (door: string) =>
  `<form data-door-name><input name="door" value="${door}"></form><form><input type="hidden" name="door" value=""></form>`;

const start = (door: string) => {
  document.body.innerHTML = page(door);
  enhance(document.querySelector<HTMLElement>("[data-door-name]")!);
  return [...document.querySelectorAll<HTMLInputElement>("[name=door]")];
};

beforeEach(() => localStorage.clear());

test("a device that was told its door once says it in every form", () => {
  const [input, hidden] = start("");
  expect(hidden!.value).toBe("");
  input!.value = "A 门";
  input!.dispatchEvent(new Event("input"));
  expect(hidden!.value).toBe("A 门");
  expect(start("").map((i) => i.value)).toEqual(["A 门", "A 门"]);
});

test("what the address says goes before what was kept", () => {
  start("A 门");
  expect(start("B 门").map((i) => i.value)).toEqual(["B 门", "B 门"]);
  expect(start("")[0]!.value).toBe("B 门");
});
