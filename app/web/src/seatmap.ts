// The seat map without this file is a form of checkboxes. With it: arrow keys
// walk seats by physical position, the limit is kept, a summary is spoken, and
// seats that somebody else takes are marked while the page is looked at.
import { follow, type Source } from "./_follow";
import { fill, ready, type Args } from "./_text";

const POLL_MS = 10_000;

type State = "free" | "taken" | "blocked" | "reserved";
interface SeatState {
  id: number;
  state: State;
}
export interface SeatsAnswer {
  version: string | number;
  seats: SeatState[];
}
export interface SeatMapIsland {
  apply(answer: SeatsAnswer): void;
  poll(): Promise<void>;
  take(data: string): void;
  stop(): void;
}

/** letters are the states as a push has them, one letter a seat, by data-n. */
const letters: Record<string, State> = { f: "free", t: "taken", b: "blocked", r: "reserved" };

/** Place is a seat with its column in the hall, aisles counted. */
interface Place {
  input: HTMLInputElement;
  x: number;
}

function places(root: HTMLElement): Place[][] {
  return [...root.querySelectorAll(".hall-row")].map((row) => {
    const cells = [...row.querySelectorAll("i, .seat")];
    return cells.flatMap((cell, x) => {
      const input = cell.querySelector("input");
      return input ? [{ input, x }] : [];
    });
  });
}

/** step finds the seat that an arrow key leads to: the next one that can be
 * chosen in the row, or the nearest by column in the rows above or below. */
export function step(rows: Place[][], from: HTMLInputElement, key: string): HTMLInputElement | undefined {
  const y = rows.findIndex((r) => r.some((p) => p.input === from));
  const x = rows[y]?.find((p) => p.input === from)?.x;
  if (x === undefined) return undefined;
  const open = (r: Place[] | undefined) => (r ?? []).filter((p) => !p.input.disabled);
  const row = open(rows[y]);
  const nearest = (r: Place[]) => r.reduce<Place | undefined>((a, b) => (a && Math.abs(a.x - x) <= Math.abs(b.x - x) ? a : b), undefined);
  const vertical = (dy: number) => {
    for (let i = y + dy; i >= 0 && i < rows.length; i += dy) {
      const hit = nearest(open(rows[i]));
      if (hit) return hit;
    }
    return undefined;
  };
  switch (key) {
    case "ArrowLeft":
      return row.findLast((p) => p.x < x)?.input;
    case "ArrowRight":
      return row.find((p) => p.x > x)?.input;
    case "Home":
      return row[0]?.input;
    case "End":
      return row.at(-1)?.input;
    case "ArrowUp":
      return vertical(-1)?.input;
    case "ArrowDown":
      return vertical(1)?.input;
    default:
      return undefined;
  }
}

export function enhance(root: HTMLElement, get: typeof fetch = (...a) => fetch(...a), open?: (url: string) => Source): SeatMapIsland {
  const rows = places(root);
  const inputs = rows.flat().map((p) => p.input);
  const byId = new Map(inputs.map((i) => [Number(i.value), i]));
  const limit = Number(root.dataset.limit) || Infinity;
  const withReserved = root.dataset.reserved !== undefined;
  const summary = (root.closest("form") ?? root).querySelector<HTMLElement>("[data-summary]");
  const news = root.querySelector<HTMLElement>("[data-news]");
  const text = (key: string, args: Args = {}) => fill(root.dataset[`t${key}`] ?? "", args);
  const label = (i: HTMLInputElement) => i.dataset.label ?? i.value;
  const names = (list: HTMLInputElement[]) => list.map(label).join(text("Join"));
  const chosen = () => inputs.filter((i) => i.checked && !i.disabled);

  // One tab stop for the whole map: the last seat walked to, else the first chosen or free one.
  const rove = (to?: HTMLInputElement) => {
    const stop = to ?? chosen()[0] ?? inputs.find((i) => !i.disabled);
    for (const i of inputs) i.tabIndex = i === stop ? 0 : -1;
  };

  const tell = () => {
    if (!summary) return;
    const list = chosen();
    const args = { n: list.length, seats: names(list) };
    summary.textContent = list.length > 0 ? text("Chosen", args) : limit < Infinity ? text("None", { n: limit }) : "";
  };

  root.addEventListener("keydown", (e) => {
    if (!(e.target instanceof HTMLInputElement) || !e.target.closest(".seat")) return;
    const to = step(rows, e.target, e.key);
    if (!to) return;
    e.preventDefault();
    to.focus();
  });

  root.addEventListener("focusin", (e) => {
    if (e.target instanceof HTMLInputElement && e.target.closest(".seat")) rove(e.target);
  });

  root.addEventListener("change", (e) => {
    const input = e.target;
    if (!(input instanceof HTMLInputElement) || !input.closest(".seat")) return;
    if (input.checked && chosen().length > limit) {
      input.checked = false;
      if (summary) summary.textContent = text("Limit", { n: limit });
      return;
    }
    tell();
  });

  // In the small picture of the whole hall a tap leads to the place on the map,
  // because the seats there are too small to hit.
  const look = (value: string) => root.querySelector<HTMLInputElement>(`.looks [value="${value}"]`);
  const small = () => look("whole")?.checked && matchMedia("(width < 760px)").matches;
  root.addEventListener("click", (e) => {
    const seat = e.target instanceof Element ? e.target.closest(".seat") : null;
    const map = look("map");
    if (!seat || !map || !small()) return;
    e.preventDefault();
    map.checked = true;
    seat.scrollIntoView({ block: "center", inline: "center" });
    const input = seat.querySelector("input");
    if (input && !input.disabled) input.focus();
  });

  const speak = (words: string) => {
    if (news && words) news.textContent = words;
  };

  const stateWords = (input: HTMLInputElement, state: State) => {
    const old = (input.getAttribute("aria-label") ?? "").split(text("Sep"));
    old[1] = text(state.charAt(0).toUpperCase() + state.slice(1));
    input.setAttribute("aria-label", old.join(text("Sep")));
  };

  const apply = (answer: SeatsAnswer) => {
    const lost: HTMLInputElement[] = [];
    let freed = 0;
    for (const { id, state } of answer.seats) {
      const input = byId.get(id);
      const seat = input?.closest(".seat");
      if (!input || !seat || seat.classList.contains("mine") || seat.classList.contains(state)) continue;
      const open = state === "free" || (withReserved && state === "reserved");
      if (input.checked && !open) {
        input.checked = false;
        lost.push(input);
      }
      seat.classList.toggle("gone", lost.includes(input));
      if (state === "free") freed++;
      seat.classList.remove("free", "taken", "blocked", "reserved");
      seat.classList.add(state);
      const hadFocus = document.activeElement === input;
      input.disabled = !open;
      stateWords(input, state);
      if (hadFocus && input.disabled) (step(rows, input, "ArrowRight") ?? step(rows, input, "ArrowLeft") ?? step(rows, input, "ArrowDown"))?.focus();
    }
    if (lost.length > 0) {
      tell();
      speak(text("Gone", { seats: names(lost) }));
    } else if (freed > 0) {
      speak(text("Freed", { n: freed }));
    }
    rove();
  };

  let etag = "";
  let pushed = 0;
  const poll = async () => {
    if (!root.dataset.poll || document.visibilityState !== "visible") return;
    const before = pushed;
    try {
      const headers: Record<string, string> = etag ? { "If-None-Match": etag } : {};
      const res = await get(root.dataset.poll, { headers, credentials: "same-origin" });
      if (res.status !== 200) return;
      const answer = (await res.json()) as SeatsAnswer;
      if (before !== pushed) return; // overtaken by a push
      etag = res.headers.get("ETag") ?? "";
      apply(answer);
    } catch {
      // Offline for a moment: the next poll, or the booking itself, will tell.
    }
  };

  // A push is a string of letters; one that does not fit this plan is asked for in full.
  const take = (data: string) => {
    const { version, states } = JSON.parse(data) as { version: number; states: string };
    if (states.length !== inputs.length) return void poll();
    pushed++;
    etag = ""; // the map is no longer the one that was asked for
    apply({ version, seats: inputs.map((i) => ({ id: Number(i.value), state: letters[states[Number(i.dataset.n)] ?? ""] ?? "blocked" })) });
  };

  const { live = "", version = "" } = root.dataset;
  const following = root.dataset.poll ? follow({ url: live, version, take, poll: () => void poll(), every: POLL_MS, open }) : undefined;

  rove();
  if (chosen().length > 0) tell();
  const scroll = root.querySelector<HTMLElement>(".hall-scroll");
  if (scroll) scroll.scrollLeft = (scroll.scrollWidth - scroll.clientWidth) / 2;

  return {
    apply,
    poll,
    take,
    stop: () => following?.stop(),
  };
}

ready("[data-seatmap]", (el) => enhance(el));
