// A team enters at 360 px without a script; the order is drawn on the stage page
// and replayed by a visitor.
import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import { accessible, desk, display, done, fits, noScript, phone, reader, shot, signIn, withBrowser } from "./_harness";

withBrowser();

const press = (page: Page, selector: string) => Promise.all([page.waitForNavigation(), page.click(selector)]);

/** contest is the page of a demo contest, by a part of its title. */
async function contest(page: Page, title: string): Promise<string> {
  await page.goto("/contests");
  await press(page, `.event:has-text("${title}")`);
  return new URL(page.url()).pathname;
}

test("a leader enters a team at 360 px, is told what is wrong, and mends it", async () => {
  const page = await reader({ ...phone, ...noScript });
  await signIn(page, "resident");
  await contest(page, "锣鼓大赛");
  await press(page, 'a.button:has-text("报名")');
  await page.fill("[name=team]", "浏览器锣鼓队（示例）");
  await page.selectOption("[name=org]", { label: "滨体社区新时代文明实践站" });
  await page.fill("[name=piece]", "闹元宵");
  await page.fill("[name=minutes]", "9");
  await page.fill("[name=members]", "甲 1970\n乙 1980");
  await press(page, 'button:has-text("就这样报名")');
  const faults = await page.innerText(".errors");
  expect(faults).toContain("至少 8 人");
  expect(faults).toContain("最多 8 分钟");
  expect(await page.inputValue("[name=team]")).toBe("浏览器锣鼓队（示例）");
  await shot(page, "contest-faults");
  await page.fill("[name=minutes]", "7");
  await page.fill("[name=members]", "甲 1970\n乙 1980\n丙 1981\n丁 1982\n戊 1983\n己 1984\n庚 1985\n辛 1986\n壬 1987 替补");
  await press(page, 'button:has-text("就这样报名")');
  expect(await page.innerText("main")).toContain("名额给您留着");
  expect(await page.locator('.chip:has-text("替补")').count()).toBe(1);
  const elder = await reader(phone);
  await signIn(elder, "resident");
  await elder.goto(page.url());
  await display(elder, "elder", "on");
  await fits(elder);
  await accessible(elder);
  await shot(elder, "contest-entered-elder");
  await done(elder);
  await press(page, 'a:has-text("退出比赛")');
  await press(page, 'button:has-text("确定退出")');
  expect(await page.innerText("main")).toContain("已退出");
  await done(page);
});

test("the order is drawn again on stage, with a reason, and anybody replays both draws", async () => {
  const page = await reader(desk);
  await signIn(page, "scheduler");
  const path = await contest(page, "模特比赛");
  await page.goto(`${path}/staff`);
  await page.click('summary:has-text("重抽")');
  await page.check("[name=community]");
  await page.fill('form[action$="/staff/draw"] [name=reason]', "主持人报错了数（示例）");
  await press(page, 'button:has-text("冻结名单并公布")');
  expect(new URL(page.url()).pathname).toMatch(/\/stage$/);
  const sealed = await page.innerText("dl.facts");
  const rows = [
    ["领队（示例）", "5"],
    ["居民（示例）", "11"],
    ["主持人（示例）", "2"],
  ];
  for (const [i, [name, value]] of rows.entries()) {
    await page.fill(`#n${i}`, name ?? "");
    await page.fill(`#v${i}`, value ?? "");
  }
  await accessible(page);
  await shot(page, "contest-stage");
  await press(page, 'button:has-text("填入，出结果")');
  const result = new URL(page.url()).pathname;

  const visitor = await reader(phone);
  await visitor.goto(result);
  const text = await visitor.innerText("main");
  expect(text).toContain("5-11-2");
  expect(text).toContain("每一步都一样");
  expect(text).toContain("主持人报错了数（示例）");
  expect(text.replaceAll("\n", "")).toContain(/[0-9a-f]{64}/.exec(sealed)?.[0] ?? "a hash");
  expect(await visitor.locator(".drawn li").count()).toBe(6);
  await fits(visitor);
  await accessible(visitor);
  await press(visitor, 'a:has-text("第 1 次抽签")');
  expect(await visitor.innerText("main")).toContain("以最后一次为准");
  await done(visitor);
  await done(page);
});
