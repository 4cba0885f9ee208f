// While somebody edits the text of a seat plan, its picture, faults and changes
// follow. The server makes them, by the same form; without this file the button
// 预览 does.
import { ready } from "./_text";

export interface PlanParts {
  send: (form: HTMLFormElement, body: FormData, signal: AbortSignal) => Promise<string>;
  pause: (ms: number) => Promise<void>;
}

const browser: PlanParts = {
  send: (form, body, signal) =>
    fetch(form.action, { method: "POST", body: new URLSearchParams(body as unknown as Record<string, string>), signal, headers: { Accept: "text/html" } }).then((r) =>
      r.ok ? r.text() : "",
    ),
  pause: (ms) => new Promise((r) => setTimeout(r, ms)),
};

/** enhance shows [data-plan-preview] anew when the text has been still for a moment. */
export function enhance(form: HTMLElement, parts: PlanParts = browser): void {
  const shown = form.querySelector("[data-plan-preview]");
  const text = form.querySelector("textarea");
  if (!(form instanceof HTMLFormElement) || !shown || !text) return;
  let asked = new AbortController();
  text.addEventListener("input", () => void refresh());

  async function refresh() {
    asked.abort();
    const mine = (asked = new AbortController());
    await parts.pause(400);
    if (mine.signal.aborted) return;
    const body = new FormData(form as HTMLFormElement);
    body.set("do", "preview");
    const html = await parts.send(form as HTMLFormElement, body, mine.signal).catch(() => "");
    if (mine.signal.aborted) return;
    const next = new DOMParser().parseFromString(html, "text/html").querySelector("[data-plan-preview]");
    if (next && shown) shown.innerHTML = next.innerHTML;
  }
}

ready("[data-plan]", (el) => enhance(el));
