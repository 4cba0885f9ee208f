// The door on the evening: two doors and one party, somebody without a booking,
// and the list on paper.
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessible, baseURL, desk, display, done, fits, noScript, phone, reader, shot, signIn, targets, withBrowser } from "./_harness";

withBrowser();

interface Show {
  id: number;
  starts_at: string;
  ends_at: string;
  status: string;
  audience: string;
  seats_free: number;
}

const minute = 60_000;
const shanghai = (ms: number) => new Date(ms + 8 * 60 * minute).toISOString();
const submit = (page: Page, selector: string) => Promise.all([page.waitForNavigation(), page.click(selector)]);

/** running finds a public screening around its start, which takes bookings and walk-ins. */
async function running(): Promise<number | undefined> {
  const from = new Date(Date.now() - 60 * minute).toISOString();
  const r = await fetch(`${baseURL}/api/v1/screenings?per_page=100&from=${from}`);
  const { items } = (await r.json()) as { items: Show[] };
  const now = Date.now();
  return items.find((s) => s.audience === "public" && s.status === "open" && s.seats_free > 30 && Date.parse(s.starts_at) - now > minute && Date.parse(s.starts_at) - now < 15 * minute)?.id;
}

/** tonight puts a short film on that begins in a few minutes, unless one does
 * anyway, and the cinema says yes to it. */
async function tonight(): Promise<number> {
  const found = await running();
  if (found) return found;
  const page = await reader({ ...desk, ...noScript });
  await signIn(page, "scheduler");
  await page.goto("/films");
  for (const [name, value] of Object.entries({ title: "门口短片（示例）", runtime_min: "3", licence_from: "2020-01-01", licence_to: "2039-12-31" })) await page.fill(`[name=${name}]`, value);
  await submit(page, 'button:has-text("保存")');
  for (const ahead of [8, 12, 5, 14]) {
    const at = shanghai(Date.now() + ahead * minute);
    await page.goto(`/screenings/new?date=${at.slice(0, 10)}`);
    await page.check('label:has-text("门口短片") [name=film_id]');
    await page.fill("[name=time]", at.slice(11, 16));
    await submit(page, 'button:has-text("排上")');
    const id = /\/screenings\/(\d+)$/.exec(page.url())?.[1];
    if (id) {
      expect(await page.innerText("main")).toContain("待影院确认");
      await done(page);
      const cinema = await reader({ ...desk, ...noScript });
      await signIn(cinema, "cinema");
      await cinema.goto(`/cinema/screenings/${id}`);
      await submit(cinema, "#confirm button");
      expect(await cinema.innerText("main")).toContain("已确认");
      await done(cinema);
      return Number(id);
    }
  }
  throw new Error(`no time for a screening tonight: ${await page.innerText("main")}`);
}

/** booked takes seats for a resident and returns the code. */
async function booked(id: number, people: number): Promise<string> {
  const guest = await reader({ ...phone, ...noScript });
  await signIn(guest, "resident");
  await guest.goto(`/screenings/${id}?count=${people}`);
  await Promise.all([guest.waitForURL("**/bookings/*"), guest.click('main form button:has-text("就订这些座")')]);
  const code = await guest.innerText(".code");
  await done(guest);
  return code;
}

/** at opens a door under its name. */
async function at(id: number, who: string, name: string, options = { ...desk }): Promise<Page> {
  const page = await reader(options);
  await signIn(page, who);
  await page.goto(`/door/${id}?door=${encodeURIComponent(name)}`);
  return page;
}

const counts = async (page: Page) => [Number(await page.innerText("[data-arrived]")), Number(await page.innerText("[data-expected]"))];

let id = 0;
let east: Page;
let west: Page;

beforeAll(async () => {
  id = await tonight();
  east = await at(id, "cinema", "东门");
  west = await at(id, "clerk", "西门");
});

afterAll(async () => {
  await done(east);
  await done(west);
});

test("two doors check in the same party at once: one lets it in, the other says when and where", async () => {
  const code = await booked(id, 4);
  const keys: string[] = [];
  for (const door of [east, west]) {
    await door.reload();
    keys.push(await door.inputValue(".scan-form [name=idempotency_key]"));
    await door.fill("#f-code", code);
  }
  await Promise.all([east, west].map((door) => submit(door, ".scan-form .actions button")));
  const told = await Promise.all([east, west].map((door) => door.innerText(".scan-result")));
  const first = told.findIndex((t) => t.includes("刚刚签到 4 座"));
  expect(first, told.join("\n---\n")).toBeGreaterThanOrEqual(0);
  expect(told[1 - first]).toMatch(/已经签到过[\s\S]*\d\d:\d\d 在[东西]门已签到/);
  expect(told[1 - first]).toContain(first === 0 ? "在东门" : "在西门");
  expect(await counts(east)).toEqual(await counts(west));
  await shot(west, "door-two-doors");

  // The form that was answered is sent once more by a reload: it is the same scan.
  const admitting = first === 0 ? east : west;
  await admitting.reload();
  expect(await admitting.innerText(".scan-result")).toContain("刚刚签到 4 座");
  await admitting.click(".scan-result summary");
  await admitting.fill(".scan-result [name=reason]", "扫错人");
  await submit(admitting, ".scan-result form button");
  await admitting.fill("#f-code", code);
  await admitting.$eval(".scan-form [name=idempotency_key]", (field, key) => ((field as HTMLInputElement).value = key!), keys[first]);
  await submit(admitting, ".scan-form .actions button");
  expect(await admitting.innerText(".scan-result")).toContain("已经撤销");
  expect(await admitting.innerText(".scan-result")).not.toContain("刚刚签到");
});

test("a door sees on its own what the other one counts, and keeps its name", async () => {
  const code = await booked(id, 2);
  await east.goto(`/door/${id}`);
  expect(await east.inputValue("#f-door")).toBe("东门");
  const before = await counts(east);
  await west.goto(`/door/${id}?door=${encodeURIComponent("西门")}`);
  await west.fill("#f-code", code);
  await submit(west, ".scan-form .actions button");
  await east.waitForFunction((n) => Number(document.querySelector("[data-arrived]")?.textContent) === n, before[0]! + 2, { timeout: 15_000 });
  expect(await counts(east)).toEqual(await counts(west));
});

test("somebody without a booking is seated at 360 px without scripts, and twice the same press is one party", async () => {
  const door = await at(id, "cinema", "东门", { ...phone, ...noScript });
  const before = await counts(door);
  await door.fill("[name=people]", "2");
  await submit(door, ".walk-in form button");
  expect(await door.innerText(".scan-result")).toMatch(/现场观众 \d+ 请坐 .*排/);
  expect(await counts(door)).toEqual([before[0]! + 2, before[1]! + 2]);
  await door.reload();
  expect(await counts(door), "the same form again").toEqual([before[0]! + 2, before[1]! + 2]);
  await fits(door);
  await shot(door, "door-walk-in");
  await door.goto(`/door/${id}/no-shows`);
  expect(await door.innerText("main")).toContain("起才能让出");
  await done(door);
});

test("a big party is asked who of it came: by number, by ticks, or all", async () => {
  const code = await booked(id, 16);
  const door = await at(id, "cinema", "东门", { ...phone, ...noScript });
  await door.fill("#f-code", code);
  await submit(door, ".scan-form .actions button");
  expect(await door.innerText(".scan-result")).toContain("还差 16 人");
  await shot(door, "door-who-came");
  await door.fill(".rest [name=count]", "9");
  await submit(door, ".rest .heads button");
  expect(await door.innerText(".scan-result")).toContain("刚刚签到 9 座");
  await door.click(".rest summary");
  await door.check(".rest .seat-checks input:enabled >> nth=1");
  await submit(door, '.rest button:has-text("签到勾选的")');
  expect(await door.innerText(".scan-result")).toContain("刚刚签到 1 座");
  await submit(door, '.rest button:has-text("全部签到")');
  expect(await door.innerText(".scan-result")).toContain("刚刚签到 6 座");
  await fits(door);
  await done(door);
});

test("the list on paper is printed, and entered later in one go", async () => {
  const code = await booked(id, 3);
  const page = await at(id, "clerk", "西门", { ...phone, ...noScript });
  await page.goto(`/door/${id}/sheet`);
  const sheet = await page.innerText(".door-sheet");
  expect(sheet).toContain(code);
  expect(sheet).toContain("到 ____ / 3 人");
  await page.goto(`/door/${id}/paper`);
  const [arrived] = /已到\s*(\d+)/.exec(await page.innerText(".tally"))!.slice(1).map(Number);
  await submit(page, 'button:has-text("补录")');
  expect(await page.innerText(".errors")).toContain("一个人也没勾");
  const card = page.locator(".parties .card", { hasText: code });
  await card.locator("[name=heads]").fill("2");
  await submit(page, 'button:has-text("补录")');
  expect(await page.innerText("body")).toContain("补录了 2 人");
  expect(await page.innerText(".tally")).toMatch(new RegExp(`已到\\s*${arrived! + 2}`));
  await page.goto(`/door/${id}?q=${encodeURIComponent(code)}`);
  expect(await page.innerText(".parties")).toContain("纸质名单");
  await done(page);
});

test.each([
  ["phone", phone, "off"],
  ["desk", desk, "off"],
  ["elder", phone, "on"],
])("the pages of the door are for everyone, %s", async (look, options, elder) => {
  const page = await reader(options);
  await signIn(page, "clerk");
  await display(page, "elder", elder);
  for (const path of ["/door", `/door/${id}`, `/door/${id}/no-shows`, `/door/${id}/sheet`, `/door/${id}/paper`]) {
    await page.goto(path);
    await accessible(page);
    await targets(page);
    await fits(page);
    await shot(page, `door-${look}${path.replaceAll("/", "-")}`);
  }
  await done(page);
});
