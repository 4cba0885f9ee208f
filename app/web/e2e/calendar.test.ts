// The calendar that schedulers live in: moved by keyboard and by dragging, taken
// back, looked at by everybody.
import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import { accessible, desk, display, done, fits, noScript, phone, reader, shot, signIn, withBrowser } from "./_harness";

withBrowser();

interface Room {
  id: number;
  name: string;
  venue: string;
}

/** day is the date some days from now, as people here read it. */
const day = (ahead: number) => new Date(Date.now() + (8 + 24 * ahead) * 3600_000).toISOString().slice(0, 10);

/** ask fetches JSON as the page's reader. */
async function ask<T>(page: Page, path: string, body?: object): Promise<{ status: number; body: T }> {
  return page.evaluate(
    async ([path, body]) => {
      const init = body ? { method: "POST", headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() }, body: JSON.stringify(body) } : {};
      const res = await fetch(path as string, init);
      return { status: res.status, body: await res.json() };
    },
    [path, body] as const,
  ) as Promise<{ status: number; body: T }>;
}

/** book takes the dance room from one hour to the next on a day, as the scheduler. */
async function book(page: Page, date: string, from: string, to: string, purpose: string): Promise<Room> {
  const rooms = (await ask<{ items: Room[] }>(page, "/api/v1/rooms?per_page=100")).body.items;
  const room = rooms.find((r) => r.name === "舞蹈室");
  if (!room) throw new Error("the demo has no dance room");
  const got = await ask<object>(page, `/api/v1/rooms/${room.id}/bookings`, { start: `${date}T${from}:00+08:00`, end: `${date}T${to}:00+08:00`, purpose, attendees: 12 });
  expect(got.status, JSON.stringify(got.body)).toBe(201);
  return room;
}

/** gather opens an activity in the dance room, as the scheduler. */
async function gather(page: Page, date: string, from: string, to: string, title: string): Promise<void> {
  const rooms = (await ask<{ items: Room[] }>(page, "/api/v1/rooms?per_page=100")).body.items;
  const act = (await ask<{ items: { org_id: number }[] }>(page, "/api/v1/activities?per_page=1")).body.items[0];
  const got = await ask<object>(page, "/api/v1/activities", {
    org_id: act?.org_id,
    kind: "reading",
    title,
    summary: "一起读书",
    place: "舞蹈室",
    room_id: rooms.find((r) => r.name === "舞蹈室")?.id,
    audience: "all",
    capacity: 8,
    max_party: 2,
    sessions: [{ start: `${date}T${from}:00+08:00`, end: `${date}T${to}:00+08:00` }],
  });
  expect(got.status, JSON.stringify(got.body)).toBe(201);
}

/** putOn schedules a film as the scheduler, and says where and until when. */
async function putOn(page: Page, start: string): Promise<{ hall: number; film: string }> {
  const films = (await ask<{ items: { id: number; title: string }[] }>(page, "/api/v1/films")).body.items;
  const film = films.find((f) => f.title === "1921") ?? films[0];
  const got = await ask<{ hall: { id: number } }>(page, "/api/v1/screenings", { film_id: film?.id, starts_at: start, audience: "public" });
  expect(got.status, JSON.stringify(got.body)).toBe(201);
  return { hall: got.body.hall.id, film: film?.title ?? "" };
}

const row = (page: Page, purpose: string) => page.locator("tbody tr", { hasText: purpose }).first();

test("a scheduler moves a booking by keyboard, without script, and takes it back", async () => {
  const page = await reader(desk);
  await signIn(page, "scheduler");
  const date = day(3);
  await book(page, date, "10:00", "11:00", "合唱排练");
  await book(page, date, "15:00", "16:00", "太极拳");

  const plain = await reader({ ...desk, ...noScript });
  await signIn(plain, "scheduler");
  await plain.goto(`/calendar?view=day&date=${date}`);
  await accessible(page);
  await row(plain, "合唱排练").locator("a.button").focus();
  await Promise.all([plain.waitForNavigation(), plain.keyboard.press("Enter")]);

  // What stands in the way is named before anything is moved.
  await plain.fill("[name=from]", "15:30");
  await plain.fill("[name=until]", "16:30");
  await plain.locator("[name=until]").focus();
  await Promise.all([plain.waitForNavigation(), plain.keyboard.press("Enter")]);
  expect(await plain.innerText("main")).toContain("太极拳");
  expect(await plain.locator('form[method="post"][action^="/calendar/move"]').count()).toBe(0);

  await plain.fill("[name=from]", "13:00");
  await plain.fill("[name=until]", "14:30");
  await plain.locator("[name=until]").focus();
  await Promise.all([plain.waitForNavigation(), plain.keyboard.press("Enter")]);
  expect(await plain.innerText("main")).toContain("空着");
  await shot(plain, "calendar-move");
  await plain.locator('form[method="post"][action^="/calendar/move"] button').focus();
  await Promise.all([plain.waitForNavigation(), plain.keyboard.press("Enter")]);
  expect(await plain.innerText(".flash")).toContain("已改好");
  await plain.locator(".undo button").focus();
  await shot(plain, "calendar-undo");
  await Promise.all([plain.waitForNavigation(), plain.keyboard.press("Enter")]);
  expect(await plain.innerText(".flash")).toContain("原来的时间");
  await plain.goto(`/calendar?view=day&date=${date}`);
  expect(await row(plain, "合唱排练").innerText()).toContain("10:00–11:00");

  // A session of an activity goes the same way, by the rules of activities.
  await gather(page, date, "17:00", "18:00", "晚读会");
  await plain.goto(`/calendar?view=day&date=${date}`);
  await row(plain, "晚读会").locator("a.button").focus();
  await Promise.all([plain.waitForNavigation(), plain.keyboard.press("Enter")]);
  await plain.fill("[name=from]", "16:30");
  await plain.fill("[name=until]", "17:30");
  await plain.locator("[name=until]").focus();
  await Promise.all([plain.waitForNavigation(), plain.keyboard.press("Enter")]);
  await plain.locator('form[method="post"][action^="/calendar/move"] button').focus();
  await Promise.all([plain.waitForNavigation(), plain.keyboard.press("Enter")]);
  await plain.goto(`/calendar?view=day&date=${date}`);
  expect(await row(plain, "晚读会").innerText()).toContain("16:30–17:30");
  await done(plain);
  await done(page);
});

test("a scheduler moves a booking by dragging, and sees what it meets first", async () => {
  const page = await reader(desk);
  await signIn(page, "scheduler");
  const date = day(4);
  const room = await book(page, date, "10:00", "11:00", "秧歌队");
  await page.goto(`/calendar?view=timeline&date=${date}&place=${room.id}`);
  await page.waitForSelector("[data-timeline][data-ready]");
  const entry = page.locator(".drag-entry.can-move", { hasText: "秧歌队" });
  await entry.scrollIntoViewIfNeeded();
  const box = await entry.boundingBox();
  if (!box) throw new Error("the entry is not to be seen");
  const hour = box.width;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + hour, y, { steps: 8 });
  await page.mouse.move(x + 2 * hour, y, { steps: 8 });
  await Promise.all([page.waitForURL(/\/calendar\/move\//), page.mouse.up()]);
  expect(new URL(page.url()).searchParams.get("from")).toBe("12:00");
  await accessible(page);
  await Promise.all([page.waitForURL(/\/calendar\?/), page.click('form[method="post"][action^="/calendar/move"] button')]);
  expect(await page.innerText(".undo")).toContain("10:00–11:00");
  await page.waitForSelector("[data-timeline][data-ready]");
  await accessible(page);
  await shot(page, "calendar-dragged");
  await page.goto(`/calendar?view=day&date=${date}`);
  expect(await row(page, "秧歌队").innerText()).toContain("12:00–13:00");

  // A screening goes to another time with its people, in its hall.
  const { hall, film } = await putOn(page, `${day(9)}T09:00:00+08:00`);
  await page.goto(`/calendar?view=timeline&date=${day(9)}&place=${hall}`);
  await page.waitForSelector("[data-timeline][data-ready]");
  const show = page.locator(".drag-entry.can-move", { hasText: film }).first();
  await show.scrollIntoViewIfNeeded();
  const at = await show.boundingBox();
  if (!at) throw new Error("the screening is not to be seen");
  await page.mouse.move(at.x + at.width / 2, at.y + at.height / 2);
  await page.mouse.down();
  await page.mouse.move(at.x + at.width / 2 + hour / 2, at.y + at.height / 2, { steps: 8 });
  await page.mouse.move(at.x + at.width / 2 + hour, at.y + at.height / 2, { steps: 8 });
  await Promise.all([page.waitForURL(/\/calendar\/move\/screening\//), page.mouse.up()]);
  const there = new URL(page.url()).searchParams.get("from") ?? "";
  expect(there > "09:00", there).toBe(true);
  await shot(page, "calendar-screening");
  await Promise.all([page.waitForURL(/\/calendar\?/), page.click('form[method="post"][action^="/calendar/move"] button')]);
  await page.goto(`/calendar?view=day&date=${day(9)}`);
  expect(await row(page, film).innerText()).toContain(`${there}–`);
  await done(page);
});

test("the public day of a venue names nobody", async () => {
  const staff = await reader(desk);
  await signIn(staff, "scheduler");
  const date = day(5);
  await book(staff, date, "10:00", "11:00", "老年合唱团");
  const page = await reader({ ...phone, ...noScript });
  const looks = await staff.evaluate(async (date) => {
    for (const id of [1, 2, 3, 4, 5, 6]) {
      const text = await (await fetch(`/venues/${id}/calendar?date=${date}`)).text();
      if (text.includes("舞蹈室")) return `/venues/${id}/calendar?date=${date}`;
    }
    return "";
  }, date);
  await page.goto(looks);
  expect(await page.innerText("main")).toContain("09:50–11:10"); // with what is kept free around it
  expect(await page.innerText("main")).not.toContain("老年合唱团");
  await fits(page);
  await done(page);
  await done(staff);
});

test.each([
  ["phone", { viewport: { width: 320, height: 700 } }, "off"],
  ["desk", desk, "off"],
  ["elder", { viewport: { width: 360, height: 740 } }, "on"],
])("the calendar is for everyone, %s", async (look, options, elder) => {
  const page = await reader(options);
  await signIn(page, "scheduler");
  await display(page, "elder", elder);
  for (const path of ["/calendar?view=timeline", "/calendar?view=day", "/calendar?view=week", "/calendar?view=month", "/calendar/sheet?view=week", "/calendar/feeds", "/venues/1/calendar", "/reports/occupancy"]) {
    await page.goto(path);
    await accessible(page);
    await fits(page);
    await shot(page, `${look}${path.replaceAll(/[/?=]/g, "-")}`);
  }
  await done(page);
});
