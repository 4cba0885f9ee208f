// Figures that change while they are looked at. Contract: an element with
// data-live (a stream of JSON objects) and data-poll (the same by GET, perhaps
// under "count"); inside it an element data-NAME shows the member NAME.
import { follow, type Following, type Source } from "./_follow";
import { ready } from "./_text";

type Figures = Record<string, string | number>;

const POLL_MS = 5000;

export function enhance(root: HTMLElement, get: typeof fetch = (...a) => fetch(...a), open?: (url: string) => Source): Following {
  let newest = 0;
  const show = (figures: Figures) => {
    const version = Number(figures.version ?? newest);
    if (version < newest) return; // an answer that was overtaken
    newest = version;
    for (const [name, value] of Object.entries(figures)) {
      const place = root.querySelector(`[data-${name}]`);
      if (place) place.textContent = String(value);
    }
  };
  const poll = async () => {
    if (!root.dataset.poll) return;
    try {
      const res = await get(root.dataset.poll, { headers: { Accept: "application/json" } });
      if (!res.ok) return;
      const body = (await res.json()) as { count?: Figures } & Figures;
      show(body.count ?? body);
    } catch {
      // Offline for a moment: the next one may get through.
    }
  };
  const take = (data: string) => {
    newest = 0; // what is pushed is the truth, also after a restore
    show(JSON.parse(data) as Figures);
  };
  return follow({ url: root.dataset.live ?? "", version: root.dataset.version ?? "", take, poll: () => void poll(), every: POLL_MS, open });
}

ready("[data-live]:not([data-seatmap])", (el) => void enhance(el));
