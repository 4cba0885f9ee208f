// Seats and the count at the door change while they are looked at.
import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import { desk, done, phone, reader, signIn, withBrowser } from "./_harness";
import { screenings, seatIDs, tonight } from "./_cinema";

withBrowser();

/** post sends JSON as the page's reader, with the page's token, and returns the answer. */
async function post<T>(page: Page, path: string, body: object): Promise<T> {
  return page.evaluate(
    async ([path, body]) => {
      const token = document.querySelector<HTMLInputElement>("[name=csrf_token]")!.value;
      const headers = { "Content-Type": "application/json", "X-CSRF-Token": token, "Idempotency-Key": crypto.randomUUID() };
      const r = await fetch(path as string, { method: "POST", headers, body: JSON.stringify(body) });
      if (!r.ok) throw new Error(await r.text());
      return (await r.json()) as unknown;
    },
    [path, body],
  ) as Promise<T>;
}

/** asked notes every request for the given address: what is pushed needs none. */
function asked(page: Page, pattern: RegExp): string[] {
  const list: string[] = [];
  page.on("request", (r) => pattern.test(r.url()) && list.push(r.url()));
  return list;
}

test("a seat that another takes is pushed to the map, and back when it is given up", async () => {
  const s = (await screenings()).findLast((x) => x.audience === "public" && x.seats_free > 20)!; // late enough to give back
  const [seat, other] = (await seatIDs(s.id)).slice(-2);
  const watcher = await reader(phone);
  const polls = asked(watcher, /\/seats$/);
  const opened = watcher.waitForResponse((r) => r.url().includes(`/screenings/${s.id}/events?version=`));
  await watcher.goto(`/screenings/${s.id}/seats`);
  expect((await opened).headers()["content-type"]).toContain("text/event-stream");
  const input = watcher.locator(`.hall input[value="${seat}"]`);
  await watcher.evaluate((v) => document.querySelector<HTMLInputElement>(`.hall input[value="${v}"]`)!.click(), seat!);
  expect(await input.isChecked()).toBe(true);

  const booker = await reader(phone);
  await signIn(booker, "resident");
  await booker.goto(`/screenings/${s.id}/seats`);
  const b = await post<{ id: string }>(booker, `/api/v1/screenings/${s.id}/bookings`, { seats: [seat, other] });
  await expect.poll(() => input.isDisabled(), { timeout: 8000 }).toBe(true);
  expect(await input.isChecked()).toBe(false);
  expect(await watcher.locator("[data-news]").innerText()).toContain("刚被订走");
  await post(booker, `/api/v1/bookings/${b.id}/cancel`, { reason: "测试" });
  await expect.poll(() => input.isDisabled(), { timeout: 8000 }).toBe(false);
  expect(polls.filter((u) => u.includes("/api/"))).toEqual([]);
  for (const p of [watcher, booker]) await done(p);
});

test("the count at one door follows the other door", async () => {
  const s = { id: await tonight() };
  const booker = await reader(phone);
  await signIn(booker, "neighbour");
  await booker.goto(`/screenings/${s.id}/seats`);
  const b = await post<{ code: string }>(booker, `/api/v1/screenings/${s.id}/bookings`, { seats: (await seatIDs(s.id)).slice(0, 2) });
  const east = await reader(desk);
  const polls = asked(east, /\/door\?/);
  await signIn(east, "cinema");
  const opened = east.waitForResponse((r) => r.url().includes("/door/events"));
  await east.goto(`/door/${s.id}`);
  await opened;
  const arrived = Number(await east.innerText("[data-arrived]"));
  const west = await reader(desk);
  await signIn(west, "clerk");
  await west.goto(`/door/${s.id}`);
  await post(west, "/api/v1/checkins", { code: b.code, nonce: "west-1", screening_id: s.id, door: "西门" });
  await expect.poll(() => east.innerText("[data-arrived]"), { timeout: 8000 }).toBe(String(arrived + 2));
  expect(polls).toEqual([]);
  for (const p of [booker, east, west]) await done(p);
});
