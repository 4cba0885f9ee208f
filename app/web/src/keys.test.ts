import { beforeAll, beforeEach, expect, test } from "vitest";
import { enhance } from "./keys";

let main: HTMLElement;
let clicked: string[];

beforeAll(() => {
  document.body.innerHTML = "<main></main>";
  main = document.querySelector("main")!;
  enhance(main);
});

beforeEach(() => {
  clicked = [];
  main.innerHTML = `<input id="q" data-key="/"><a id="one" href="#x" data-key="1">a</a>
    <input type="radio" name="s" id="r1" data-key="2" checked><input type="radio" name="s" id="r2" data-key="3"><button type="button" id="go" data-key="F2">go</button>`;
  for (const id of ["one", "go"]) main.querySelector(`#${id}`)!.addEventListener("click", () => clicked.push(id));
});

const key = (k: string, more: KeyboardEventInit = {}) => {
  const e = new KeyboardEvent("keydown", { key: k, bubbles: true, cancelable: true, ...more });
  document.dispatchEvent(e);
  return e.defaultPrevented;
};
const at = (id: string) => main.querySelector<HTMLInputElement>(`#${id}`)!;

test("a digit follows a link or picks a screening", () => {
  expect(key("1")).toBe(true);
  expect(clicked).toEqual(["one"]);
  key("3");
  expect(at("r2").checked).toBe(true);
  expect(document.activeElement).toBe(at("r2"));
  key("2");
  expect(at("r1").checked).toBe(true);
});

test("a slash leads to the search, where digits are digits and F2 goes on", () => {
  key("/");
  expect(document.activeElement).toBe(at("q"));
  expect(key("1")).toBe(false);
  expect(clicked).toEqual([]);
  key("F2");
  expect(clicked).toEqual(["go"]);
});

test("letters are keys in a number, digits are not", () => {
  main.innerHTML = `<input type="number" id="n" value="2"><a id="g" href="#x" data-key="g">g</a><a id="one" href="#x" data-key="1">1</a>`;
  for (const id of ["one", "g"]) main.querySelector(`#${id}`)!.addEventListener("click", () => clicked.push(id));
  at("n").focus();
  key("1");
  key("G");
  expect(clicked).toEqual(["g"]);
});

test("keys of the browser are left alone", () => {
  expect(key("1", { ctrlKey: true })).toBe(false);
  expect(key("9")).toBe(false);
  expect(clicked).toEqual([]);
});
