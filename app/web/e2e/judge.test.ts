// A judge scores on a phone of 360 × 640: by link, with large keys, through a
// reload and without network; the marks go out once. Without scripts it is a form.
import type { BrowserContextOptions, Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { accessible, baseURL, desk, display, done, fits, noScript, reader, shot, signIn, targets, withBrowser, withinBudget } from "./_harness";

withBrowser();

const small: BrowserContextOptions = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true };

interface Round {
  round_id: number;
  state: string;
  slots: { entry_id: number; scored: number; judges: number; stage: string }[];
}

let going: Round;
const links: string[] = []; // the chief's, and two judges'

async function json<T>(path: string): Promise<T> {
  const r = await fetch(`${baseURL}${path}`);
  expect(r.ok, path).toBe(true);
  return (await r.json()) as T;
}

const board = () => json<Round>(`/api/v1/rounds/${going.round_id}/board`);

beforeAll(async () => {
  const page = await reader({ ...desk, ...noScript });
  await signIn(page, "scheduler");
  await page.goto("/scoring");
  await page.click('main .links a[href^="/contests/1000"]'); // the demo's final under way, registered by hand
  const contest = /contests\/(\d+)/.exec(page.url())![1]!;
  going = (await json<{ rounds: Round[] }>(`/api/v1/contests/${contest}/results`)).rounds.find((r) => r.state === "scoring")!;
  for (const judge of [0, 2, 3]) {
    await page.goto(`/rounds/${going.round_id}/desk`);
    await Promise.all([page.waitForNavigation(), page.locator('form[action$="/link"] button').nth(judge).click()]);
    links.push(await page.innerText("code.secret"));
  }
  await done(page);
}, 60_000);

const keys = async (page: Page, text: string) => {
  for (const k of text) await page.click(`[data-keys] [data-key="${k}"]`);
};

/** open is the address of the first entry that the judge has not scored. */
const open = (page: Page) => page.locator('[data-judge-list] a:has(.chip.warn)').first().getAttribute("href");

test("marks survive a reload and an hour without network, and go out once", async () => {
  const page = await reader(small);
  const puts: number[] = [];
  page.on("response", (r) => r.request().method() === "PUT" && puts.push(r.status()));
  const broken: string[] = [];
  page.on("pageerror", (e) => broken.push(e.message));

  await page.goto(links[1]!);
  await accessible(page);
  await targets(page);
  await fits(page);
  await shot(page, "judge-list");
  const card = (await open(page))!;
  await page.waitForFunction(async (url) => !!(await caches.match(url)), card); // the round lies ready

  await page.goto(card);
  await page.waitForSelector(".has-keys");
  await accessible(page);
  await targets(page);
  const [need, have] = await page.evaluate(() => [document.documentElement.scrollHeight, innerHeight] as const);
  expect(need, "nothing to scroll").toBeLessThanOrEqual(have);
  await keys(page, "9.5");
  await page.locator("[name=mark]").nth(1).focus();
  await keys(page, "8.5");
  await page.reload();
  await page.waitForSelector(".has-keys");
  expect(await page.locator("[name=mark]").evaluateAll((all) => all.slice(0, 2).map((i) => (i as HTMLInputElement).value))).toEqual(["9.5", "8.5"]);
  await page.locator("[name=mark]").nth(2).focus();
  await keys(page, "9");
  await shot(page, "judge-card");

  const before = (await board()).slots.find((s) => card.endsWith(`/${s.entry_id}`))!;
  await page.context().setOffline(true);
  await page.context().route("**/scores", (r) => r.abort("internetdisconnected"));
  await page.click("[data-send]");
  expect(puts).toEqual([]); // the first press asks
  await page.click("[data-send]");
  await expect.poll(() => page.innerText("[data-status]")).toContain("没有网络");
  await page.reload(); // without network: the page comes from the phone
  await page.waitForSelector(".has-keys");
  await expect.poll(() => page.innerText("[data-status]")).toContain("没有网络");

  await page.context().unroute("**/scores");
  await page.context().setOffline(false);
  await expect.poll(() => page.innerText("[data-status]"), { timeout: 20_000 }).toContain("已送出");
  expect(puts).toEqual([200]);
  const after = (await board()).slots.find((s) => card.endsWith(`/${s.entry_id}`))!;
  expect(after.scored).toBe(before.scored + 1);
  await page.goto(links[1]!);
  expect(await page.locator(`[data-judge-list] a[href="${card}"] .chip`).innerText()).toContain("已送出 9.05");
  expect(broken).toEqual([]);
  await page.context().close(); // its console tells of the missing network
});

test("without scripts it is a form, and a fault is told beside it", async () => {
  const page = await reader({ ...small, ...noScript });
  await page.goto(links[2]!);
  await page.goto((await open(page))!);
  await page.locator("[name=mark]").nth(0).fill("9.50");
  await page.locator("[name=mark]").nth(1).fill("8.00");
  await page.locator("[name=mark]").nth(2).fill("9.00");
  await Promise.all([page.waitForURL(links[2]!), page.click("[data-send]")]);
  expect(await page.innerText(".flash")).toContain("分数已送出");
  await display(page, "elder", "on");
  await targets(page);
  await fits(page);
  await done(page);
});

test("the chief corrects, the old link of a judge is dead, the practice entry counts nothing", async () => {
  const page = await reader(small);
  await page.goto(`${links[0]!}/practice`);
  await page.waitForSelector(".has-keys");
  for (let i = 0; i < 3; i++) {
    await page.locator("[name=mark]").nth(i).focus();
    await keys(page, "9");
  }
  await Promise.all([page.waitForURL(links[0]!), page.click("[data-send]")]);
  await page.goto(`${links[0]!}/correct`);
  await accessible(page);
  await page.click(".row-link a");
  await page.locator("[name=mark]").nth(0).fill("9.20");
  await page.fill("[name=reason]", "看错一行");
  await Promise.all([page.waitForURL(`${links[0]!}/correct`), page.click('main form button:has-text("更正")')]);
  expect(await page.innerText(".flash")).toContain("已更正");
  await done(page);

  const staff = await reader({ ...desk, ...noScript });
  await signIn(staff, "scheduler");
  await staff.goto(`/rounds/${going.round_id}/desk`);
  await Promise.all([staff.waitForNavigation(), staff.locator('form[action$="/link"] button').nth(3).click()]);
  expect((await fetch(links[2]!)).status).toBe(404);
  expect((await fetch(await staff.innerText("code.secret"))).status).toBe(200);
  await done(staff);
});

test("the board and the big screen follow what the stage does", async () => {
  const big = await reader({ viewport: { width: 1920, height: 1080 } });
  const opened = big.waitForResponse((r) => r.url().includes(`/rounds/${going.round_id}/events`));
  await big.goto(`/rounds/${going.round_id}/stage`);
  await opened;
  const staff = await reader({ ...desk, ...noScript });
  await signIn(staff, "scheduler");
  await staff.goto(`/rounds/${going.round_id}/desk`);
  const end = staff.locator('button[value="end"]');
  if (await end.count()) await Promise.all([staff.waitForNavigation(), end.first().click()]);
  const team = (await staff.locator('tr:has(button[value="start"]) td').first().innerText()).split("\n")[0]!.replace(/^\d+ /, "");
  await Promise.all([staff.waitForNavigation(), staff.locator('button[value="start"]').first().click()]);
  await expect.poll(() => big.locator(".big-now .big-team").innerText(), { timeout: 8000 }).toBe(team);
  const least = await big.evaluate(() => Math.min(...[...document.querySelectorAll<HTMLElement>(".big-now p, .big-next li, .big h1, .big h2")].map((e) => parseFloat(getComputedStyle(e).fontSize))));
  expect(least, "legible at ten metres").toBeGreaterThanOrEqual(1080 / 20);
  await accessible(big);
  await fits(big);
  await shot(big, "judge-stage");
  await done(big);
  await done(staff);
  await withinBudget(await reader(), `/rounds/${going.round_id}`);
});
