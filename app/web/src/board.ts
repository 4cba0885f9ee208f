// The board of a round, on a page or on the big screen: when something changes
// the server is asked for the page again and its board takes this one's place.
// While there is no line it says so, and goes on asking.
import { follow } from "./_follow";
import { ready } from "./_text";

const every = 5000; // milliseconds between two asks while nothing is pushed

export interface BoardParts {
  fetcher: typeof fetch;
  follow: typeof follow;
}

/** enhance keeps [data-board] as the server has it. */
export function enhance(root: HTMLElement, parts: BoardParts = { fetcher: (...a) => fetch(...a), follow }): void {
  let asking = false;
  let once_more = false;
  const lost = (on: boolean) => {
    const at = root.querySelector<HTMLElement>("[data-lost]");
    if (at) at.textContent = on ? (root.dataset.tLost ?? "") : "";
  };
  const refresh = async (): Promise<void> => {
    if (asking) {
      once_more = true;
      return;
    }
    asking = true;
    try {
      const r = await parts.fetcher(location.href, { headers: { Accept: "text/html" } });
      if (!r.ok) throw new Error(String(r.status));
      const next = new DOMParser().parseFromString(await r.text(), "text/html").querySelector<HTMLElement>("[data-board]");
      if (next) {
        root.innerHTML = next.innerHTML;
        root.dataset.version = next.dataset.version ?? "";
      }
      lost(false);
    } catch {
      lost(true);
    } finally {
      asking = false;
    }
    if (once_more) {
      once_more = false;
      await refresh();
    }
  };
  parts.follow({ url: root.dataset.events ?? "", version: root.dataset.version ?? "", take: () => void refresh(), poll: () => void refresh(), every });
}

ready("[data-board]", (el) => enhance(el));
