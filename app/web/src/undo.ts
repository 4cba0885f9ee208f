// The undo bar leaves after its seconds, but never from under the reader: the
// time stands still while the pointer or the focus is on it.
import { ready } from "./_text";

export function enhance(root: HTMLElement): void {
  let left = Number(root.dataset.undo) || 10;
  let held = false;
  const hold = (on: boolean) => () => {
    held = on;
  };
  root.addEventListener("pointerenter", hold(true));
  root.addEventListener("pointerleave", hold(false));
  root.addEventListener("focusin", hold(true));
  root.addEventListener("focusout", hold(false));
  const timer = setInterval(() => {
    if (held || --left > 0) return;
    clearInterval(timer);
    root.remove();
  }, 1000);
}

ready("[data-undo]", enhance);
