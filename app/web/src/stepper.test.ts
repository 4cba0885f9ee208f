import { beforeEach, describe, expect, it } from "vitest";
import { enhance } from "./stepper";

let input: HTMLInputElement;
let less: HTMLButtonElement;
let more: HTMLButtonElement;

beforeEach(() => {
  document.body.innerHTML = `<div data-less="少一" data-more="多一"><div class="stepper-row"><input type="number" value="2" min="1" max="3"><span>人</span></div></div>`;
  const root = document.querySelector("div")!;
  enhance(root);
  enhance(root);
  input = document.querySelector("input")!;
  [less, more] = [...document.querySelectorAll("button")] as [HTMLButtonElement, HTMLButtonElement];
});

describe("stepper", () => {
  it("adds its two buttons once, named", () => {
    expect([...document.querySelectorAll("button")].map((b) => b.getAttribute("aria-label"))).toEqual(["少一", "多一"]);
    expect(less.type).toBe("button");
  });
  it("counts up to the limit and says it is reached", () => {
    more.click();
    more.click();
    expect(input.value).toBe("3");
    expect(more.getAttribute("aria-disabled")).toBe("true");
    expect(less.getAttribute("aria-disabled")).toBe("false");
  });
  it("counts down to the least", () => {
    less.click();
    less.click();
    expect(input.value).toBe("1");
  });
  it("starts from what was typed", () => {
    input.value = "99";
    less.click();
    expect(input.value).toBe("2");
    input.value = "";
    more.click();
    expect(input.value).toBe("2");
  });
});
