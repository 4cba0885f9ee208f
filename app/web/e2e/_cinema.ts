// What the tests of the cinema hall share: its screenings, and counted taps.
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { baseURL, desk, done, noScript, reader, signIn } from "./_harness";

const minute = 60_000;

export interface Screening {
  id: number;
  audience: "public" | "branches";
  bookable: boolean;
  seats_free: number;
  seats_reserved: number;
  max_seats: number;
  starts_at: string;
}

/** screenings lists what can be booked, and given back again, the next first: none that tonight() put on. */
export async function screenings(): Promise<Screening[]> {
  const r = await fetch(`${baseURL}/api/v1/screenings?per_page=100&open=true&from=${new Date(Date.now() + 3 * 60 * minute).toISOString()}`);
  return ((await r.json()) as { items: Screening[] }).items;
}

/** screening is the first one for an audience with plenty of free seats. */
export async function screening(audience: Screening["audience"]): Promise<Screening> {
  const found = (await screenings()).find((s) => s.audience === audience && s.bookable && s.seats_free > 60);
  expect(found, `a screening for ${audience}`).toBeDefined();
  return found!;
}

/** seatIDs lists free standard seats, in the order of the plan. */
export async function seatIDs(id: number): Promise<number[]> {
  const r = await fetch(`${baseURL}/api/v1/screenings/${id}/seats`);
  const { seats } = (await r.json()) as { seats: { id: number; state: string; kind: string }[] };
  return seats.filter((s) => s.state === "free" && s.kind === "standard").map((s) => s.id);
}

interface Show {
  id: number;
  starts_at: string;
  ends_at: string;
  status: string;
  audience: string;
  seats_free: number;
}

const shanghai = (ms: number) => new Date(ms + 8 * 60 * minute).toISOString();
const submit = (page: Page, selector: string) => Promise.all([page.waitForNavigation(), page.click(selector)]);

/** running finds a public screening that walk-ins are seated for, and that bookings stay open for a file's tests. */
async function running(): Promise<number | undefined> {
  const now = Date.now();
  const r = await fetch(`${baseURL}/api/v1/screenings?per_page=100&from=${new Date(now).toISOString()}`);
  const { items } = (await r.json()) as { items: Show[] };
  const ahead = (s: Show) => Date.parse(s.starts_at) - now;
  return items.find((s) => s.audience === "public" && s.status === "open" && s.seats_free > 60 && ahead(s) > 5 * minute && ahead(s) < 15 * minute)?.id;
}

/** aroundTheClock has the cinema release today and tomorrow whole, unless they are: the tests run at any hour. */
async function aroundTheClock(cinema: Page): Promise<void> {
  await cinema.goto("/cinema/hours?hall=1");
  const days = [0, 1].map((n) => shanghai(Date.now() + n * 24 * 60 * minute).slice(0, 10));
  for (const [name, value] of Object.entries({ from: days[0]!, to: days[1]!, start: "0:00", end: "24:00" })) await cinema.fill(`[name=${name}]`, value);
  await submit(cinema, 'button:has-text("先看一遍")');
  if (await cinema.locator('button:has-text("就这样放出")').count()) await submit(cinema, 'button:has-text("就这样放出")');
}

/** short is a film of three minutes, made once. */
async function short(scheduler: Page): Promise<number> {
  const title = "门口短片（示例）";
  const find = async () => {
    const r = await fetch(`${baseURL}/api/v1/films?per_page=100`);
    return ((await r.json()) as { items: { id: number; title: string }[] }).items.find((f) => f.title === title)?.id;
  };
  const had = await find();
  if (had) return had;
  await scheduler.goto("/films");
  for (const [name, value] of Object.entries({ title, runtime_min: "3", licence_from: "2020-01-01", licence_to: "2039-12-31" })) await scheduler.fill(`[name=${name}]`, value);
  await submit(scheduler, 'button:has-text("保存")');
  return (await find())!;
}

/** tonight puts a short film on that begins in a few minutes, unless one does
 * anyway, and the cinema says yes to it: a door takes in nobody who has come on
 * another day. It has the hall for its three minutes alone, so that the next
 * file finds room for another. */
export async function tonight(): Promise<number> {
  const found = await running();
  if (found) return found;
  const cinema = await reader({ ...desk, ...noScript });
  await signIn(cinema, "cinema");
  await aroundTheClock(cinema);
  const page = await reader({ ...desk, ...noScript });
  await signIn(page, "scheduler");
  const film_id = await short(page);
  const headers = { "Sec-Fetch-Site": "same-origin" }; // as a page of ours would send it
  const refused: string[] = [];
  for (const ahead of [8, 12, 10, 14, 9, 11, 13]) {
    const data = { film_id, starts_at: new Date(Date.now() + ahead * minute).toISOString(), audience: "public", oath_min: 0, cleanup_min: 0 };
    const r = await page.request.post("/api/v1/screenings", { headers, data });
    if (r.status() !== 201) {
      refused.push(await r.text());
      continue;
    }
    const { id } = (await r.json()) as { id: number };
    await done(page);
    await cinema.goto(`/cinema/screenings/${id}`);
    await submit(cinema, "#confirm button");
    expect(await cinema.innerText("main")).toContain("已确认");
    await done(cinema);
    return id;
  }
  throw new Error(`no time for a screening tonight: ${refused.join("\n")}`);
}

/** Taps counts what a reader presses and the fields they fill. */
export class Taps {
  presses = 0;
  fields = 0;

  constructor(readonly page: Page) {}

  /** tap presses something that stays on the page. */
  async tap(selector: string): Promise<void> {
    this.presses++;
    await this.page.click(selector);
  }

  /** go presses something that leads on. */
  async go(selector: string): Promise<void> {
    this.presses++;
    await Promise.all([this.page.waitForNavigation(), this.page.click(selector)]);
  }

  async fill(selector: string, text: string): Promise<void> {
    this.fields++;
    await this.page.fill(selector, text);
  }
}
