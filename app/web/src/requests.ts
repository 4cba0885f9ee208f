// Requests that wait for an answer, worked by keyboard: on a row A says yes and R
// no, and the next row has the focus; the arrows only walk. The keys count while a
// row has the focus. Without this file the boxes are ticked one by one.
import { ready } from "./_text";

const rows = (root: HTMLElement) => [...root.querySelectorAll<HTMLElement>(".request-rows > li")];

const box = (row: HTMLElement, name: string) => row.querySelector<HTMLInputElement>(`input[name="${name}"]`);

/** tick chooses one of the two answers of a row; the other is no longer chosen. */
export function tick(row: HTMLElement, name: "approve" | "decline", on = true): void {
  for (const other of ["approve", "decline"]) {
    const b = box(row, other);
    if (b) b.checked = on && other === name;
  }
}

/** walk gives the focus to a row, or to the button after the last one. */
function walk(root: HTMLElement, to: number): void {
  const all = rows(root);
  if (to >= all.length) root.querySelector<HTMLElement>("[data-key]")?.focus();
  else if (to >= 0) box(all[to]!, "approve")?.focus();
}

export function enhance(root: HTMLElement): void {
  root.addEventListener("change", (e) => {
    const b = e.target as HTMLInputElement;
    const row = b.closest<HTMLElement>("li");
    if (row && b.checked && (b.name === "approve" || b.name === "decline")) tick(row, b.name);
  });
  root.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.altKey || e.metaKey || e.isComposing) return;
    const all = rows(root);
    const at = all.findIndex((r) => r.contains(e.target as Node));
    if (at < 0) return;
    switch (e.key.toLowerCase()) {
      case "a":
        tick(all[at]!, "approve");
        walk(root, at + 1);
        break;
      case "r":
        tick(all[at]!, "decline");
        walk(root, at + 1);
        break;
      case "arrowdown":
        walk(root, at + 1);
        break;
      case "arrowup":
        walk(root, at - 1);
        break;
      default:
        return;
    }
    e.preventDefault();
  });
}

ready("[data-requests]", enhance);
