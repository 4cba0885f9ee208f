// A print button where the browser can be asked to print.
import { ready } from "./_text";

export function enhance(root: HTMLElement, print: () => void = () => window.print()): void {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = root.dataset.print ?? "";
  button.addEventListener("click", () => print());
  root.replaceChildren(button);
}

ready("[data-print]", (el) => enhance(el));
