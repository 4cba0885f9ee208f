// Keys of a page that is worked without a mouse: what is marked data-key="3" is
// chosen by the digit, letters are what is done about the first booking, "F2" is
// the main button, "/" leads to the search. While somebody types, only function
// keys count. Without this file Tab, Enter and the access keys do the same.
import { ready } from "./_text";

// A number takes no letters, so that letters are keys there too.
const takes = (e: Element | null, key: string) => typing(e) && !(e instanceof HTMLInputElement && e.type === "number" && /[a-z]/i.test(key));

const typing = (e: Element | null) =>
  e instanceof HTMLTextAreaElement || e instanceof HTMLSelectElement || (e instanceof HTMLInputElement && !["radio", "checkbox", "button", "submit"].includes(e.type));

/** press does what the element is for; it reports whether it could. */
export function press(el: HTMLElement): void {
  if (el instanceof HTMLInputElement && el.type === "radio") {
    el.checked = true;
    el.focus();
  } else if (typing(el)) {
    el.focus();
    if (el instanceof HTMLInputElement) el.select();
  } else {
    el.click();
  }
}

/** over lets what is typed into a number replace what stands there. */
const over = (el: Element | null) => {
  if (el instanceof HTMLInputElement && el.type === "number") el.select();
};

export function enhance(root: HTMLElement): void {
  root.classList.add("keyed");
  root.addEventListener("focusin", (e) => over(e.target as Element));
  over(document.activeElement);
  root.ownerDocument.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.altKey || e.metaKey || e.isComposing) return;
    if (e.key.length === 1 && takes(document.activeElement, e.key)) return;
    const el = [...root.querySelectorAll<HTMLElement>("[data-key]")].find((x) => x.dataset.key?.toLowerCase() === e.key.toLowerCase());
    if (!el) return;
    e.preventDefault();
    press(el);
  });
}

ready("main", enhance);
