// The timeline of a day that can be dragged. Contract: an element with
// data-timeline (the calendar's JSON), data-date, data-from and data-until (hours)
// and data-zone. It is for the pointer alone: the table beside it says the same and
// the dialog does the same by keyboard, so readers' tools pass it by. A drop moves
// nothing yet; it opens the dialog with the new time, which lists all that is in
// the way before anything happens. A phone has no room for it beside the names of the
// places, and gets the table alone.
import { createCalendar, Interaction, ResourceTimeline, type Calendar } from "@event-calendar/core";
import sheet from "@event-calendar/core/index.css?url";
import type { operations } from "./api.d";
import { ready } from "./_text";

type Stretch = operations["getCalendar"]["responses"][200]["content"]["application/json"];
type Entry = Stretch["items"][number];

const two = (n: number) => String(n).padStart(2, "0");

/** wall is a moment as a clock in the zone shows it, 2026-12-01T19:00:00. */
export function wall(moment: string, zone: string): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }).format(new Date(moment)).replace(" ", "T");
}

/** dialog is the address of the dialog for an entry at the time it was dropped. The
 * widget's dates are wall times. */
export function dialog(e: Pick<Entry, "kind" | "id" | "resource_id">, to: number, start: Date, end: Date): string {
  const q = new URLSearchParams({
    place: String(e.resource_id),
    to: String(to),
    date: `${start.getFullYear()}-${two(start.getMonth() + 1)}-${two(start.getDate())}`,
    from: `${two(start.getHours())}:${two(start.getMinutes())}`,
    until: `${two(end.getHours())}:${two(end.getMinutes())}`,
  });
  return `/calendar/move/${encodeURIComponent(e.kind)}/${e.id}?${q}`;
}

/** resources nests places under their venues, as the table does. */
export function resources(all: Stretch["resources"]): Calendar.ResourceInput[] {
  const out: Calendar.ResourceInput[] = [];
  for (const r of all) {
    const last = out.at(-1);
    const child = { id: r.id, title: r.name };
    if (last && last.title === r.venue) last.children?.push(child);
    else out.push({ id: `venue ${r.id}`, title: r.venue, children: [child] });
  }
  return out;
}

export function events(all: Entry[], zone: string): Calendar.EventInput[] {
  return all
    .filter((e) => e.state !== "queued") // it has no time of its own to drag
    .map((e) => ({
      id: `${e.kind} ${e.id} ${e.resource_id}`,
      resourceId: e.resource_id,
      start: wall(e.start, zone),
      end: wall(e.end, zone),
      title: [e.title || e.kind, e.who].filter(Boolean).join(" · "),
      editable: e.movable,
      classNames: ["drag-entry", e.kind, `is-${e.state}`, e.movable ? "can-move" : "stays"],
      extendedProps: { entry: e },
    }));
}

/** passBy takes what the widget draws out of the way of the Tab key: by keyboard one
 * works in the table. */
function passBy(board: HTMLElement): void {
  const out = () => board.querySelectorAll<HTMLElement>('button, a[href], [tabindex]:not([tabindex="-1"])').forEach((e) => (e.tabIndex = -1));
  out();
  new MutationObserver(out).observe(board, { childList: true, subtree: true });
}

export async function enhance(root: HTMLElement, go: (url: string) => void = (url) => location.assign(url)): Promise<Calendar | undefined> {
  const { timeline = "", date, from = "8", until = "22", zone = "Asia/Shanghai" } = root.dataset;
  const res = await fetch(timeline, { headers: { Accept: "application/json" } });
  if (!res.ok) return undefined; // the table is there
  const all = (await res.json()) as Stretch;
  const css = document.createElement("link");
  css.rel = "stylesheet";
  css.href = sheet;
  document.head.append(css);
  await new Promise((loaded) => {
    css.addEventListener("load", loaded);
    css.addEventListener("error", loaded);
  });
  const drop = (info: { event: Calendar.Event; revert: () => void }) => {
    const entry = info.event.extendedProps.entry as Entry;
    go(dialog(entry, Number(info.event.resourceIds[0]), info.event.start, info.event.end));
    info.revert(); // nothing has moved yet
  };
  root.hidden = false;
  const board = root.querySelector<HTMLElement>("[data-board]") ?? root;
  const cal = createCalendar(board, [ResourceTimeline, Interaction], {
    view: "resourceTimelineDay",
    date,
    locale: document.documentElement.lang,
    headerToolbar: { start: "", center: "", end: "" },
    resources: resources(all.resources),
    events: events(all.items, zone),
    slotMinTime: `${two(Number(from))}:00`,
    slotMaxTime: `${two(Number(until))}:00`,
    slotDuration: "00:30",
    snapDuration: "00:15",
    slotWidth: 32,
    slotLabelFormat: { hour: "2-digit", minute: "2-digit", hour12: false },
    eventTimeFormat: { hour: "2-digit", minute: "2-digit", hour12: false },
    eventStartEditable: true,
    eventDurationEditable: true,
    eventResizableFromStart: true,
    dayHeaderFormat: { month: "numeric", day: "numeric" },
    eventDrop: drop,
    eventResize: drop,
  });
  passBy(board);
  root.dataset.ready = "";
  return cal;
}

ready("[data-timeline]", (el) => {
  if (matchMedia("(width >= 640px)").matches) void enhance(el);
});
