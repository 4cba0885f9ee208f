// The cinema's operator: hours released and blocked, screenings confirmed.
import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import { accessible, display, done, fits, noScript, phone, reader, shot, signIn, targets, withBrowser } from "./_harness";
import { screenings } from "./_cinema";

withBrowser();

const small = { ...phone, viewport: { width: 360, height: 740 } };

/** local writes a moment in the zone of the hall, as 2026-01-31T19:00. */
const local = (ms: number): string => new Date(ms + 8 * 3600_000).toISOString().slice(0, 16);

const begun = Date.now();

/** day is a date so many days from today: from one today, though midnight passes meanwhile. */
const day = (ahead: number): string => local(begun + ahead * 86_400_000).slice(0, 10);

/** hoursOf presses 收回 at the released hours that a moment lies in: a day may have several. */
async function hoursOf(page: Page, ms: number): Promise<void> {
  const links = page.locator('.slot.released a:has-text("收回")');
  const around = await links.evaluateAll((all, at) => all.findIndex((a) => {
    const q = new URL((a as HTMLAnchorElement).href).searchParams;
    return Date.parse(q.get("from")!) <= at && at < Date.parse(q.get("to")!);
  }), ms);
  expect(around, `released hours around ${local(ms)}`).toBeGreaterThanOrEqual(0);
  await Promise.all([page.waitForNavigation(), links.nth(around).click()]);
}

/** go presses something that leads on. */
const go = (page: Page, selector: string) => Promise.all([page.waitForNavigation(), page.click(selector)]);

async function looked(page: Page, name: string): Promise<void> {
  await accessible(page);
  await targets(page);
  await fits(page);
  await shot(page, name);
}

async function operator(): Promise<Page> {
  const page = await reader(small);
  await signIn(page, "cinema");
  return page;
}

test("an operator releases hours by a pattern and sees every occurrence first", async () => {
  const page = await operator();
  await page.goto("/cinema/hours?hall=1");
  for (const [name, value] of Object.entries({ from: day(130), to: day(143), start: "18:00", end: "17:00" })) await page.fill(`[name=${name}]`, value);
  for (const n of [2, 5]) await page.check(`[name=weekdays][value="${n}"]`);
  await page.click('button:has-text("先看一遍")');
  expect(await page.innerText(".errors")).toContain("结束要在开始之后");
  await page.fill("[name=end]", "24:00");
  await page.click('button:has-text("先看一遍")');
  expect(await page.innerText("main")).toContain("新增 4 段");
  expect(await page.locator(".preview li").count()).toBe(4);
  await looked(page, "cinema-pattern");
  await go(page, 'button:has-text("就这样放出")');
  expect(await page.innerText("main")).toContain("18:00–00:00");
  await done(page);
});

test("a table of hours is read with every fault named, then shown as a difference", async () => {
  const page = await operator();
  await page.goto("/cinema/list?hall=1");
  await page.fill("[name=text]", `日期\t开始\t结束\t放映员\t备注\n${day(150)}\t9点\t12:00\t张放映\t\n明天\t25:00\t12:00\t\t\n${day(151)}\t18:00\t17:00\t\t\n`);
  await page.click('button:has-text("先看一遍")');
  for (const fault of ["第3行“日期”", "第3行“开始”", "第4行"]) expect(await page.innerText(".errors")).toContain(fault);
  await shot(page, "cinema-faults");
  await page.fill("[name=text]", `${day(150)}\t9点\t12:00\t张放映\n${day(152)}\t18:00\t22:00\n`);
  await page.click('button:has-text("先看一遍")');
  await go(page, 'button:has-text("就这样放出")');
  await page.goto("/cinema/list?hall=1");
  await page.fill("[name=text]", `${day(150)}\t9:00\t12:00\n${day(151)}\t18:00\t22:00\n${day(152)}\t20:00\t22:00\n`);
  await page.check("[name=replace]");
  await page.click('button:has-text("先看一遍")');
  expect(await page.innerText(".lead")).toMatch(/新增 1 段[\s\S]*已有 2 段[\s\S]*收回 1 段/);
  await looked(page, "cinema-difference");
  await go(page, 'button:has-text("就这样放出")');
  const r = await page.request.get("/cinema/releases.xlsx?hall=1");
  expect(r.status()).toBe(200);
  await done(page);
});

test("hours are blocked, and released ones are taken back unless somebody has them", async () => {
  const page = await operator();
  const [busy] = await screenings();
  const starts = Date.parse(busy!.starts_at);
  const [date, start] = local(starts).split("T");
  const end = local(starts + 30 * 60_000).slice(11);
  await page.goto(`/cinema/hours?hall=1&kind=block&from=${date}`);
  for (const [name, value] of Object.entries({ start: start!, end, note: "首映" })) await page.fill(`[name=${name}]`, value);
  await page.click('button:has-text("先看一遍")');
  expect(await page.innerText("main")).toContain("冲突 1 段");
  expect(await page.locator('button:has-text("就这样停用")').count()).toBe(0);
  await go(page, 'a:has-text("回去改")');
  expect(await page.inputValue("[name=note]")).toBe("首映");
  await page.fill("[name=from]", day(100));
  await page.click('button:has-text("先看一遍")');
  await go(page, 'button:has-text("就这样停用")');
  expect(await page.innerText("main")).toContain("影院停用");
  await looked(page, "cinema-week");
  await go(page, '.slot.blocked button:has-text("恢复")');
  expect(await page.innerText("main")).toContain("已恢复");
  await page.goto(`/cinema?hall=1&week=${date}`);
  await hoursOf(page, starts);
  await page.click('.decision button:has-text("收回")');
  expect(await page.innerText(".notice")).toContain("不能收回");
  await done(page);
});

test("a branch asks outside released hours, is offered others, and the operator confirms with a projectionist", async () => {
  const branch = await reader({ ...small, ...noScript });
  await signIn(branch, "branch3");
  await branch.goto("/hall-requests/new?film_id=1");
  for (const [name, value] of Object.entries({ date: day(20), time: "06:00", headcount: "40", purpose: "党课" })) await branch.fill(`[name=${name}]`, value);
  await branch.click('button:has-text("提出申请")');
  expect(await branch.innerText(".notice")).toMatch(/没有放出[\s\S]*08:00–23:00[\s\S]*最近能约的是/);
  await shot(branch, "cinema-not-released");
  await go(branch, ".notice .links a");
  await go(branch, 'button:has-text("提出申请")');
  const path = new URL(branch.url()).pathname;

  const scheduler = await reader({ ...small, ...noScript });
  await signIn(scheduler, "scheduler");
  await scheduler.goto(path);
  await go(scheduler, 'button[accesskey="a"]');
  expect(await scheduler.innerText("main")).toContain("待影院");

  const page = await operator();
  await page.goto("/cinema");
  await display(page, "elder", "on");
  await go(page, `.to-confirm a[href="/cinema/requests/${path.split("/").pop()}"]`);
  expect(await page.inputValue("[name=projectionist]")).toBe("钱放映（示例）");
  await page.fill("[name=projectionist]", "张放映");
  await page.fill("[name=phone]", "12345");
  await page.click("#confirm button");
  expect(await page.innerText(".errors")).toContain("联系电话");
  await page.fill("[name=phone]", "13900001234");
  await page.fill("[name=cost]", "场租 800 元，由街道支付");
  await looked(page, "cinema-confirm");
  await go(page, "#confirm button");
  expect(await page.innerText("main")).toContain("已确认");

  await branch.goto(path);
  expect(await branch.innerText("main")).toMatch(/已批准[\s\S]*张放映[\s\S]*场租 800 元/);
  for (const p of [branch, scheduler, page]) await done(p);
});
