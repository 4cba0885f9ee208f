// The live count at the door: the other doors count too.
import { ready } from "./_text";

interface Tally {
  count: { arrived: number; expected: number; late?: number; version?: number };
}

export interface TallyParts {
  load: (url: string) => Promise<Tally>;
  every: (ms: number, ask: () => void) => void;
}

const browser: TallyParts = {
  load: (url) => fetch(url, { headers: { Accept: "application/json" } }).then((r) => r.json() as Promise<Tally>),
  every: (ms, ask) => void setInterval(() => document.visibilityState === "visible" && ask(), ms),
};

const period = 5000;

export function enhance(root: HTMLElement, parts: TallyParts = browser): void {
  const arrived = root.querySelector("[data-arrived]");
  const expected = root.querySelector("[data-expected]");
  const late = root.querySelector("[data-late]");
  const url = root.dataset.tally;
  let newest = 0;
  if (!arrived || !expected || !url) return;
  parts.every(period, () => {
    parts.load(url).then(
      ({ count }) => {
        if ((count.version ?? newest) < newest) return; // an answer that was overtaken
        newest = count.version ?? newest;
        arrived.textContent = String(count.arrived);
        expected.textContent = String(count.expected);
        if (late) late.textContent = String(count.late ?? 0);
      },
      () => undefined, // the next one may get through
    );
  });
}

ready("[data-tally]", (el) => enhance(el));
