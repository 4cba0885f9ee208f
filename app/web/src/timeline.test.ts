import { expect, test } from "vitest";
import { dialog, events, resources, wall } from "./timeline";

const entry = {
  resource_id: 7,
  kind: "room_booking",
  id: 12,
  start: "2026-12-01T11:00:00.000000Z",
  end: "2026-12-01T12:30:00.000000Z",
  held_from: "2026-12-01T11:00:00.000000Z",
  held_until: "2026-12-01T12:45:00.000000Z",
  title: "合唱",
  who: "刘*",
  state: "firm" as const,
  status: "booked",
  taken: 0,
  places: 0,
  path: "",
  movable: true,
};

test("a moment is shown as a clock in the zone shows it", () => {
  expect(wall("2026-12-01T16:30:00Z", "Asia/Shanghai")).toBe("2026-12-02T00:30:00");
});

test("a drop opens the dialog with the place and time it was dropped at", () => {
  const url = dialog(entry, 9, new Date(2026, 11, 2, 9, 15), new Date(2026, 11, 2, 10, 45));
  expect(url).toBe("/calendar/move/room_booking/12?place=7&to=9&date=2026-12-02&from=09%3A15&until=10%3A45");
});

test("places stand under their venues, and what queues is not dragged", () => {
  const at = (id: number, venue: string) => ({ id, name: `室${id}`, kind: "room", venue, org_id: 1, org: "中心" });
  expect(resources([at(1, "甲"), at(2, "甲"), at(3, "乙")]).map((r) => [r.title, r.children?.length])).toEqual([["甲", 2], ["乙", 1]]);
  const shown = events([entry, { ...entry, id: 13, state: "queued" }, { ...entry, id: 14, movable: false }], "Asia/Shanghai");
  expect(shown.map((e) => [e.id, e.editable, e.start])).toEqual([
    ["room_booking 12 7", true, "2026-12-01T19:00:00"],
    ["room_booking 14 7", false, "2026-12-01T19:00:00"],
  ]);
});
