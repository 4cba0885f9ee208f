// Which door this device stands at: told once, it is kept here and goes along
// with every form of the page. Without scripts it goes along in the address.
import { ready } from "./_text";

const key = "youyue.door";

export function enhance(root: HTMLElement, store: Storage = localStorage): void {
  const input = root.querySelector<HTMLInputElement>("[name=door]");
  if (!input) return;
  const spread = () => {
    document.querySelectorAll<HTMLInputElement>("input[type=hidden][name=door]").forEach((other) => (other.value = input.value));
  };
  if (!input.value) input.value = store.getItem(key) ?? "";
  input.addEventListener("input", () => {
    store.setItem(key, input.value);
    spread();
  });
  if (input.value) store.setItem(key, input.value);
  spread();
}

ready("[data-door-name]", (el) => enhance(el));
