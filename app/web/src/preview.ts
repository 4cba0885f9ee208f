// The seats a party would get, and what a clerk reads aloud, are shown anew when its wishes change. The page
// works without it: the offer is then the one for the numbers it came with.
import { ready } from "./_text";

export interface PreviewParts {
  load: (url: string, signal: AbortSignal) => Promise<string>;
  pause: (ms: number) => Promise<void>;
}

const browser: PreviewParts = {
  load: (url, signal) => fetch(url, { signal, headers: { Accept: "text/html" } }).then((r) => (r.ok ? r.text() : "")),
  pause: (ms) => new Promise((r) => setTimeout(r, ms)),
};

const wishes = ["count", "preference", "aisle", "wheelchairs", "companions", "for"];

/** enhance asks the page itself for its [data-offer]s with the form's wishes. */
export function enhance(form: HTMLElement, parts: PreviewParts = browser): void {
  const offers = form.querySelectorAll("[data-offer]");
  if (!(form instanceof HTMLFormElement) || offers.length === 0) return;
  let asked = new AbortController();

  const refresh = async () => {
    asked.abort();
    const mine = (asked = new AbortController());
    await parts.pause(250); // several presses of + are one question
    if (mine.signal.aborted) return;
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (wishes.includes(name) && typeof value === "string" && value !== "") query.append(name, value);
    }
    const html = await parts.load(`${form.action.replace(/\/book$/, "")}?${query}`, mine.signal).catch(() => "");
    if (mine.signal.aborted) return;
    const next = new DOMParser().parseFromString(html, "text/html").querySelectorAll("[data-offer]");
    offers.forEach((offer, i) => {
      if (next[i]) offer.innerHTML = next[i].innerHTML;
    });
  };
  const changed = (e: Event) => {
    if (e.target instanceof HTMLInputElement && wishes.includes(e.target.name)) void refresh();
  };
  form.addEventListener("change", changed);
  form.addEventListener("input", changed); // a number is typed and sent by a key, without leaving its field
}

ready("[data-preview]", (el) => enhance(el));
