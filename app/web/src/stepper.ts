// A number field gets a − and a + beside it. Typing still works.
import { ready } from "./_text";

export function enhance(root: HTMLElement): void {
  const row = root.querySelector<HTMLElement>(".stepper-row");
  const input = row?.querySelector("input");
  if (!row || !input || row.classList.contains("has-buttons")) return;
  const min = Number(input.min || 0);
  const max = Number(input.max || Infinity);
  const value = () => Math.min(max, Math.max(min, Math.round(Number(input.value)) || min));

  const button = (sign: string, by: number, name: string) => {
    const b = document.createElement("button");
    b.type = "button";
    b.className = "button second";
    b.textContent = sign;
    b.setAttribute("aria-label", name);
    b.addEventListener("click", () => set(value() + by));
    return b;
  };
  const less = button("−", -1, root.dataset.less ?? "−");
  const more = button("+", 1, root.dataset.more ?? "+");

  // A button that can do no more keeps the focus, so it is only said to be off.
  const mark = () => {
    less.setAttribute("aria-disabled", String(value() <= min));
    more.setAttribute("aria-disabled", String(value() >= max));
  };
  const set = (n: number) => {
    const next = Math.min(max, Math.max(min, n));
    if (next === Number(input.value)) return;
    input.value = String(next);
    mark();
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  input.addEventListener("change", mark);
  input.before(less);
  input.after(more);
  row.classList.add("has-buttons");
  mark();
}

ready("[data-stepper]", enhance);
