import { expect, test, vi } from "vitest";
import { enhance } from "./print";

test("the button prints", () => {
  document.body.innerHTML = `<p data-print="打印">在菜单里选打印</p>`;
  const print = vi.fn();
  enhance(document.querySelector<HTMLElement>("p")!, print);
  const button = document.querySelector("button")!;
  expect(button.textContent).toBe("打印");
  button.click();
  expect(print).toHaveBeenCalledOnce();
});
