// A branch asks for the whole hall, a scheduler decides, people come in.
import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import { accessible, desk, display, done, fits, noScript, phone, reader, shot, signIn, targets, withBrowser } from "./_harness";
import { screening, screenings, Taps, tonight } from "./_cinema";

withBrowser();

const filmLink = '.events a[href*="film_id="]';

/** ask fills the form for the n-th offered time and sends it. */
async function ask(page: Page, n: number, purpose: string): Promise<Taps> {
  await page.goto("/branch");
  const taps = new Taps(page);
  await taps.go('a:has-text("包场")');
  await taps.go(filmLink);
  await taps.tap(`.choice:nth-child(${n}) [name=slot]`);
  await taps.fill("[name=headcount]", "60");
  await taps.fill("[name=purpose]", purpose);
  await taps.tap("[name=oath]");
  await taps.go('button:has-text("提出申请")');
  return taps;
}

test("the whole hall takes at most six taps and two fields, and a scheduler gives it, without script", async () => {
  const branch = await reader({ ...phone, ...noScript });
  await signIn(branch, "branch");
  const taps = await ask(branch, 1, "主题党日");
  expect(taps.presses).toBeLessThanOrEqual(6);
  expect(taps.fields).toBeLessThanOrEqual(2);
  expect(await branch.innerText("main")).toContain("先给您留着");
  const path = new URL(branch.url()).pathname;

  const rival = await reader({ ...phone, ...noScript });
  await signIn(rival, "branch2");
  await rival.goto(`/hall-requests/new?film_id=1`);
  const own = new URL(branch.url()).pathname;
  await rival.goto(own);
  expect(await rival.innerText("main")).toContain("没有找到");

  const scheduler = await reader({ ...desk, ...noScript });
  await signIn(scheduler, "scheduler");
  await scheduler.goto("/hall");
  expect(await scheduler.innerText(".waiting")).toContain("60");
  await scheduler.goto(path);
  await shot(scheduler, "decide");
  await Promise.all([scheduler.waitForNavigation(), scheduler.click('button[accesskey="a"]')]);
  expect(await scheduler.innerText("main")).toContain("待影院确认");
  await branch.goto(path);
  expect(await branch.innerText("main")).toContain("待影院确认");

  const cinema = await reader({ ...phone, ...noScript });
  await signIn(cinema, "cinema");
  await cinema.goto("/cinema");
  await Promise.all([cinema.waitForNavigation(), cinema.click(`.to-confirm a[href="/cinema/requests/${path.split("/").pop()}"]`)]);
  await cinema.fill("[name=cost]", "场租 800 元，由街道支付");
  await Promise.all([cinema.waitForNavigation(), cinema.click("#confirm button")]);

  await branch.goto(path);
  expect(await branch.innerText("main")).toContain("全场座位归本支部");
  expect(await branch.innerText("main")).toContain("场租 800 元，由街道支付");
  await Promise.all([branch.waitForNavigation(), branch.click('a:has-text("看票和座位单")')]);
  expect(await branch.innerText("main")).toContain("全场 172 座");
  expect(await branch.innerText("main")).toContain("场租 800 元，由街道支付");
  for (const p of [branch, rival, scheduler, cinema]) await done(p);
});

test("a time that is taken is refused with free ones in one tap", async () => {
  const s = (await screenings()).find((x) => Date.parse(x.starts_at) > Date.now() + 48 * 3600_000)!; // past the hall's lead time
  const at = new Date(new Date(s.starts_at).getTime() + 8 * 3600_000).toISOString();
  const page = await reader({ ...phone, ...noScript });
  await signIn(page, "branch");
  await page.goto("/hall-requests/new?film_id=1");
  await page.fill("[name=date]", at.slice(0, 10));
  await page.fill("[name=time]", at.slice(11, 16));
  await page.fill("[name=purpose]", "党课");
  await page.click('button:has-text("提出申请")');
  expect(await page.innerText(".notice")).toContain("最近的空档");
  await Promise.all([page.waitForNavigation(), page.click(".notice .links a")]);
  expect(await page.inputValue("[name=purpose]")).toBe("党课");
  expect(await page.inputValue("[name=time]")).not.toBe(at.slice(11, 16));
  await Promise.all([page.waitForNavigation(), page.click('button:has-text("提出申请")')]);
  expect(page.url()).toMatch(/\/hall-requests\/\d+$/);
  // and it can be withdrawn
  await Promise.all([page.waitForNavigation(), page.click('a:has-text("撤回申请")')]);
  await Promise.all([page.waitForNavigation(), page.click('.decision button:has-text("撤回")')]);
  expect(await page.innerText("main")).toContain("已撤回");
  await done(page);
});

test("a scheduler declines with a reason, and another time is proposed and accepted", async () => {
  const branch = await reader({ ...phone, ...noScript });
  await signIn(branch, "branch3");
  await ask(branch, 2, "季度党课");
  const first = new URL(branch.url()).pathname;
  await ask(branch, 3, "集体观影");
  const second = new URL(branch.url()).pathname;

  const scheduler = await reader({ ...desk, ...noScript });
  await signIn(scheduler, "scheduler");
  await scheduler.goto(first);
  await scheduler.fill("#decline-reason", "当天设备检修");
  await Promise.all([scheduler.waitForNavigation(), scheduler.click("#decline button")]);
  expect(await scheduler.innerText("main")).toContain("没有批准");
  await scheduler.goto(second);
  await scheduler.fill("#propose [name=time]", "08:15");
  await Promise.all([scheduler.waitForNavigation(), scheduler.click("#propose button")]);
  expect(await scheduler.innerText("main")).toContain("建议改期");

  await branch.goto(first);
  expect(await branch.innerText("main")).toContain("当天设备检修");
  await branch.goto(second);
  await Promise.all([branch.waitForNavigation(), branch.click('button:has-text("同意这个时间")')]);
  expect(await branch.innerText("main")).toContain("待影院确认");
  await done(branch);
  await done(scheduler);
});

test("the door checks a party in once, says when it scans again, and takes it back with a reason", async () => {
  const s = { id: await tonight() };
  const guest = await reader({ ...phone, ...noScript });
  await signIn(guest, "resident");
  await guest.goto(`/screenings/${s.id}?count=3`);
  await Promise.all([guest.waitForURL("**/bookings/*"), guest.click('main form button:has-text("就订这些座")')]);
  const code = await guest.innerText(".code");

  const door = await reader({ ...desk, ...noScript });
  await signIn(door, "cinema");
  await door.goto(`/door/${s.id}`);
  await door.fill("#f-code", code.toLowerCase());
  await door.fill("#f-door", "A门");
  await door.click(".scan-form button");
  expect(await door.innerText(".scan-result")).toContain("刚刚签到 3 座");
  await door.fill("#f-code", code);
  await door.click(".scan-form button");
  expect(await door.innerText(".scan-result")).toMatch(/已经签到过[\s\S]*在A门已签到/);
  await shot(door, "door-second");
  await door.click(".scan-result summary");
  await door.fill(".scan-result [name=reason]", "扫错人");
  await door.click(".scan-result form button");
  expect(await door.innerText(".scan-result")).toContain("已撤销");
  await door.fill("#f-q", code);
  await door.click('[role="search"] button');
  await door.uncheck(".seat-checks [name=seats] >> nth=0");
  await door.click(".parties form button");
  expect(await door.innerText(".scan-result")).toMatch(/刚刚签到 2 座[\s\S]*还没到/);
  await door.fill("#f-code", "ZZZZ9999");
  await door.click(".scan-form button");
  expect(await door.innerText(".scan-result")).toContain("没有这个取票码");
  await done(guest);
  await done(door);
});

test("a scheduler puts a film on, and a clash offers free times", async () => {
  const page = await reader({ ...desk, ...noScript });
  await signIn(page, "scheduler");
  const s = await screening("public");
  const at = new Date(new Date(s.starts_at).getTime() + 8 * 3600_000).toISOString();
  await page.goto(`/screenings/new?date=${at.slice(0, 10)}`);
  await page.check("[name=film_id] >> nth=1");
  await page.fill("[name=time]", at.slice(11, 16));
  await page.click('button:has-text("排上")');
  expect(await page.innerText(".notice")).toContain("最近的空档");
  await Promise.all([page.waitForNavigation(), page.click(".notice .links a")]);
  await Promise.all([page.waitForNavigation(), page.click('button:has-text("排上")')]);
  expect(page.url()).toMatch(/\/screenings\/\d+$/);
  expect(await page.innerText("main")).toContain("待影院确认");
  await Promise.all([page.waitForNavigation(), page.click('a:has-text("取消这一场")')]);
  await page.fill("[name=reason]", "影院检修");
  await Promise.all([page.waitForNavigation(), page.click('.decision button:has-text("取消这一场")')]);
  expect(await page.innerText("main")).toContain("已取消");
  await done(page);
});

test("a film is kept with its licence days", async () => {
  const page = await reader({ ...desk, ...noScript });
  await signIn(page, "scheduler");
  await page.goto("/films");
  for (const [name, value] of Object.entries({ title: "觉醒年代（示例）", runtime_min: "110", licence_from: "2026-01-01", licence_to: "2025-01-01" })) await page.fill(`[name=${name}]`, value);
  await page.click('button:has-text("保存")');
  expect(await page.innerText(".errors")).toContain("结束日期");
  await page.fill("[name=licence_to]", "2029-12-31");
  await Promise.all([page.waitForNavigation(), page.click('button:has-text("保存")')]);
  expect(await page.innerText("table")).toContain("2026-01-01 – 2029-12-31");
  await done(page);
});

const staffPages = (id: number): [string, string][] => [
  ["branch", "/branch"],
  ["branch", "/hall-requests/new"],
  ["branch", "/hall-requests/new?film_id=1"],
  ["branch", "/hall-requests/1"],
  ["scheduler", "/hall"],
  ["scheduler", "/hall-requests/1"],
  ["scheduler", "/screenings/new"],
  ["scheduler", `/screenings/${id}/call-off`],
  ["scheduler", "/films"],
  ["scheduler", "/films/1"],
  ["cinema", "/door"],
  ["cinema", `/door/${id}`],
  ["clerk", `/screenings/${id}`],
];

test.each([
  ["phone", { viewport: { width: 320, height: 700 } }, "off"],
  ["desk", desk, "off"],
  ["elder", { viewport: { width: 360, height: 740 } }, "on"],
])("branch and staff pages are for everyone, %s", async (look, options, elder) => {
  const s = await screening("public");
  let page: Page | undefined;
  let who = "";
  for (const [login, path] of staffPages(s.id)) {
    if (login !== who || !page) {
      if (page) await done(page);
      page = await reader(options);
      await signIn(page, login);
      await display(page, "elder", elder);
      who = login;
    }
    await page.goto(path);
    await accessible(page);
    await targets(page);
    await fits(page);
    await shot(page, `${look}-${login}${path.replaceAll(/[/?=]/g, "-")}`);
  }
  if (page) await done(page);
});
