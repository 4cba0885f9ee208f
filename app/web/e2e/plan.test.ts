// The seat plan is edited as text, and a seat breaks under somebody.
import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import { accessible, baseURL, desk, display, done, fits, noScript, phone, reader, shot, signIn, targets, withBrowser } from "./_harness";
import { screening, seatIDs } from "./_cinema";

withBrowser();

const plan = async () => (await (await fetch(`${baseURL}/api/v1/halls/1/plan`)).json()) as { version: number; counts: Record<string, number> };

const press = (page: Page, button: string) => Promise.all([page.waitForNavigation(), page.click(button)]);

test("two faults are both named, mended, looked at and saved, without script", async () => {
  const before = await plan();
  const page = await reader({ ...desk, ...noScript });
  await signIn(page, "scheduler");
  await page.goto("/halls/1");
  await press(page, 'a:has-text("改座位图")');
  const text = await page.inputValue("[name=text]");
  expect(text).toContain("2排: 17-13单 | 11-1单 2-12双 | 14-18双");

  await page.fill("[name=text]", text.replace("2排: 17-13单", "2排: 17 17-13单").replace("3排: 17-13单", "3排: 十七"));
  await press(page, 'button[value="preview"]');
  const faults = await page.innerText("#plan-faults");
  expect(faults).toContain("2排有两个 17 号");
  expect(faults).toContain("“十七”看不懂");
  await shot(page, "plan-faults");

  await page.fill("[name=text]", text.replace("2排: 17-13单", "2排: 17 15停(柱子后) 13"));
  await page.fill("[name=note]", "柱子后看不见银幕");
  await press(page, 'button[value="save"]');
  expect(await page.innerText("main")).toContain("请看一遍图和改动");
  expect(await page.innerText("[data-plan-preview]")).toContain("2排15座");
  await press(page, 'button[value="save"]');
  expect(page.url()).toMatch(/\/halls\/1$/);
  expect(await page.innerText("main")).toContain("柱子后看不见银幕");
  expect(await page.innerText("main")).toContain("这些场次还用旧版");
  const now = await plan();
  expect(now.version).toBe(before.version + 1);
  expect(now.counts.not_for_sale).toBe((before.counts.not_for_sale ?? 0) + 1);
  await done(page);
});

test("the picture follows the typing, and a helper numbers a row anew", async () => {
  const page = await reader(phone);
  await signIn(page, "scheduler");
  await page.goto("/halls/1/plan");
  await page.fill("[name=text]", "1排: 1-4 | 5-8\n2排: 1-3");
  await page.waitForFunction(() => document.querySelectorAll("[data-plan-preview] .seat").length === 11);
  await page.click(".plan-help summary");
  await page.fill("[name=row]", "2");
  await page.check('[name=numbering][value="right"]');
  await press(page, 'button[value="renumber"]');
  expect(await page.inputValue("[name=text]")).toBe("1排: 1-4 | 5-8\n2排: 3-1\n");
  await fits(page);
  await targets(page);
  await accessible(page);
  await display(page, "elder", "on");
  await fits(page);
  await accessible(page);
  await done(page);
});

test("a seat breaks: its party is reseated and reads the message", async () => {
  const s = await screening("public");
  const seat = (await seatIDs(s.id))[60];
  const resident = await reader({ ...phone, ...noScript });
  await signIn(resident, "resident");
  await resident.goto(`/screenings/${s.id}/seats`);
  await resident.check(`[name=seats][value="${seat}"]`, { force: true });
  await press(resident, ".seat-bar button");
  const booking = resident.url();
  const label = /\d+排\d+座/.exec(await resident.innerText("main"))![0];

  const page = await reader(desk);
  await signIn(page, "scheduler");
  await page.goto("/halls/1/outages/new");
  const versioned = await page.getAttribute(`.seat input[aria-label^="${label}"]`, "value"); // the plan in use may be a newer one
  await page.check(`[name=seats][value="${versioned}"]`, { force: true });
  await page.fill("[name=reason]", "椅背坏了");
  await press(page, ".seat-bar button");
  const ask = await page.innerText("main");
  expect(ask).toContain("会换座并收到消息");
  expect(ask).toContain(label);
  await shot(page, "outage-ask");
  await accessible(page);
  await press(page, 'button:has-text("停用并换座")');
  expect(await page.innerText("main")).toContain("已停用 1 座");
  expect(await page.innerText(".table")).toContain("椅背坏了");
  await shot(page, "outages");
  await accessible(page);

  await resident.goto(booking);
  expect(await resident.innerText("main")).not.toContain(label);
  await expect
    .poll(async () => {
      await resident.goto("/inbox");
      return resident.innerText("main");
    }, { timeout: 15_000 })
    .toContain("给您换了座位");
  expect(await resident.innerText("main")).toContain("椅背坏了");

  await page.click('tr:has-text("椅背坏了") [name=outages]');
  await press(page, 'button:has-text("修好了")');
  expect(await page.innerText("main")).toContain("1 座恢复");
  expect(await page.innerText(".table")).not.toContain("椅背坏了");
  for (const p of [page, resident]) await done(p);
});
