// A resident books a table on a small phone in elder mode without JavaScript, moves
// it and gives it back; a clerk books a room for somebody who rang.
import { expect, test } from "vitest";
import { accessible, desk, display, done, fits, noScript, phone, reader, shot, signIn, targets, withBrowser } from "./_harness";

withBrowser();

test("a resident books a table by reading and pressing alone", async () => {
  const page = await reader({ ...phone, ...noScript });
  await signIn(page, "resident");
  await display(page, "elder", "on");
  await page.goto("/");
  await Promise.all([page.waitForURL("**/rooms"), page.click('.door:has-text("约场地")')]);
  await Promise.all([page.waitForURL("**/rooms?**"), page.click('.picks a:has-text("乒乓球")')]);
  await fits(page);
  await shot(page, "rooms-360-elder");
  await page.click('.event:has-text("乒乓球室")');
  await page.click('.picks a:has-text("2号台")');
  await page.click(".strip a:nth-child(3)");
  await shot(page, "room-360-elder");
  await fits(page);
  await targets(page);
  await page.click(".slots a >> nth=2");
  await page.fill("#f-purpose", "打球");
  await page.check("[name=accept]");
  await shot(page, "room-book-360-elder");
  await fits(page);
  await Promise.all([page.waitForURL("**/room-bookings/*"), page.click('main form button:has-text("就订这个时间")')]);
  expect(await page.innerText("main")).toContain("已订好");
  expect(await page.locator(".code").innerText()).toMatch(/^[2-9A-Z]{4} [2-9A-Z]{4}$/);
  await shot(page, "room-booked-360-elder");
  await fits(page);
  const booked = page.url();
  const eyes = await reader(phone); // axe needs scripts
  await signIn(eyes, "resident");
  await eyes.goto(booked);
  await accessible(eyes);
  await done(eyes);

  await page.click('a:has-text("改时间")');
  await page.click(".slots button >> nth=4");
  expect(await page.innerText("main")).toContain("已订好");
  await page.goto("/bookings");
  expect(await page.innerText("main")).toContain("乒乓球室 · 2号台");
  await page.goto(booked + "/cancel");
  await page.click('main form button:has-text("取消预约")');
  expect(await page.innerText("main")).toContain("已取消");
  await done(page);
}, 120_000);

test("a taken time is answered with times and tables that are free", async () => {
  const [first, second] = [await reader({ ...phone, ...noScript }), await reader({ ...phone, ...noScript })];
  await signIn(first, "resident");
  await signIn(second, "neighbour");
  await first.goto("/rooms?use=dance");
  await first.click('.event:has-text("舞蹈室")');
  await first.click(".strip a:nth-child(4)");
  await first.click(".slots a >> nth=1");
  await second.goto(first.url());
  for (const page of [first, second]) {
    await page.check("[name=accept]");
    await page.click('main form button:has-text("就订这个时间")');
  }
  expect(await first.innerText("main")).toContain("已订好");
  expect(await second.innerText("main")).toContain("已经有人用了");
  await shot(second, "room-taken-360");
  await second.click(".slots.wide a >> nth=0");
  await second.check("[name=accept]");
  await second.click('main form button:has-text("就订这个时间")');
  expect(await second.innerText("main")).toContain("已订好");
  await done(first);
  await done(second);
}, 120_000);

test("a clerk books a room for somebody who rang", async () => {
  const page = await reader(desk);
  await signIn(page, "clerk");
  await page.goto("/desk");
  await page.click('a:has-text("约场地") >> visible=true');
  await page.goto("/rooms?use=calligraphy&for=caller");
  await page.click('.event:has-text("书法绘画室")');
  await shot(page, "room-1366");
  await page.click(".strip a:nth-child(5)");
  await page.click(".slots a >> nth=0");
  await page.fill("#f-name", "王奶奶");
  await page.check("[name=accept]");
  await shot(page, "room-desk-1366");
  await accessible(page);
  await page.click('main form button:has-text("就订这个时间")');
  expect(await page.innerText("main")).toContain("王奶奶");
  await done(page);
});
