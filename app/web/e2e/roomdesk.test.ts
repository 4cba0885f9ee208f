// A scheduler answers twenty requests for a room by keyboard; without JavaScript a
// closure is decided on one screen.
import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import { accessible, desk, display, done, fits, noScript, phone, reader, shot, signIn, targets, withBrowser } from "./_harness";

withBrowser();

/** day is n days from now, as a form writes it. */
const day = (n: number) => new Date(Date.now() + n * 86_400_000 + 8 * 3_600_000).toISOString().slice(0, 10);

/** weekly asks for the calligraphy room every week, ten times, for the branch. */
async function weekly(page: Page, hour: number): Promise<void> {
  await page.goto("/rooms?use=calligraphy");
  const room = (await page.getAttribute('.event:has-text("书法绘画室")', "href"))!;
  await page.goto(`${room}/book?start=${day(5)}T${hour}:00:00%2B08:00&end=${day(5)}T${hour + 1}:00:00%2B08:00`);
  await page.check('[name="for"] >> nth=-1', { force: true });
  await page.fill("#f-purpose", "写春联");
  await page.click("details.more summary");
  await page.check('[name="repeat"][value="weekly"]', { force: true });
  await page.fill("#f-until", day(5 + 9 * 7));
  await page.check("[name=accept]");
  await Promise.all([page.waitForURL("**/room-bookings/*"), page.click("main form .actions button")]);
}

test("twenty requests are answered with no more than 25 key presses", async () => {
  const branch = await reader({ ...desk, ...noScript });
  await signIn(branch, "branch");
  for (const hour of [10, 14]) await weekly(branch, hour);
  await done(branch);

  const page = await reader(desk);
  await signIn(page, "scheduler");
  await page.goto("/room-desk");
  const waiting = await page.locator(".request-rows > li").count();
  expect(waiting).toBe(22); // two are the demo's
  await accessible(page);
  await targets(page);
  await shot(page, "roomdesk");
  const eyes = await reader(phone); // one request, in large type
  await signIn(eyes, "scheduler");
  await display(eyes, "elder", "on");
  await eyes.goto("/room-desk");
  await eyes.click(".request-what .tap >> nth=0");
  await eyes.waitForURL("**/room-requests/*");
  await accessible(eyes);
  await targets(eyes);
  await fits(eyes);
  await done(eyes);

  let presses = 0;
  const press = async (key: string) => {
    presses++;
    await page.keyboard.press(key);
  };
  for (let i = 0; i < waiting; i++) await press(i % 5 === 4 ? "r" : "a");
  expect(await page.locator("[name=approve]:checked").count()).toBe(18);
  expect(await page.locator("[name=decline]:checked").count()).toBe(4);
  await Promise.all([page.waitForNavigation(), press("F2")]);
  expect(await page.innerText("main"), "whom a yes declines is named before it is done").toMatch(/会谢绝同一时间的 1 个申请[\s\S]*共建第二党支部/);
  await accessible(page);
  await shot(page, "roomdesk-check");
  await Promise.all([page.waitForNavigation(), press("F2")]);
  expect(await page.innerText("main")).toContain("没有要答复的");
  expect(presses).toBeLessThanOrEqual(25);
  await done(page);
});

test("the desk on the spot, the forms of a venue and the pauses read well in large type", async () => {
  const page = await reader(phone);
  await signIn(page, "scheduler");
  await display(page, "elder", "on");
  await page.goto("/venues");
  const venue = (await page.locator("main a:has-text('迎泽南社区老年人活动中心')").getAttribute("href"))!;
  for (const path of ["/room-desk/now", `${venue}/hours`, `${venue}/retire`, "/pauses"]) {
    await page.goto(path);
    await accessible(page);
    await targets(page);
    await fits(page);
  }
  await done(page);
});

test("a closure is decided on one screen, without script", async () => {
  const resident = await reader({ ...phone, ...noScript });
  await signIn(resident, "resident");
  await resident.goto("/rooms?use=fitness");
  await resident.click('.event:has-text("健身房")');
  await resident.click(".strip a:nth-child(7)");
  await resident.click(".slots a >> nth=1");
  const when = new URL(resident.url()).searchParams.get("start")!;
  await resident.check("[name=accept]");
  await Promise.all([resident.waitForURL("**/room-bookings/*"), resident.click("main form .actions button")]);

  const page = await reader({ ...desk, ...noScript });
  await signIn(page, "scheduler");
  await page.goto("/room-desk");
  await page.click('.toolbar a:has-text("关闭与检修")');
  await page.click('.toolbar a:has-text("新的关闭")');
  await page.selectOption("#f-place", { label: "健身房" });
  await page.fill("#f-date", new Date(new Date(when).getTime() + 8 * 3_600_000).toISOString().slice(0, 10));
  await page.fill("#f-reason", "检修器械");
  await page.click("main form .actions button");
  expect(await page.innerText("main")).toMatch(/会碰到 1 个预约[\s\S]*刘建国/);
  await shot(page, "closure-draft");
  const eyes = await reader(phone);
  await signIn(eyes, "scheduler");
  await display(eyes, "elder", "on");
  for (const path of [new URL(page.url()).pathname, "/closures", "/closures/new", "/room-desk"]) {
    await eyes.goto(path);
    await accessible(eyes);
    await targets(eyes);
    await fits(eyes);
    await shot(eyes, `elder${path.replaceAll("/", "-")}`);
  }
  await done(eyes);
  await page.click('button:has-text("就这样定")');
  expect(await page.innerText("main")).toMatch(/1 个预约都已经通知[\s\S]*已关闭/);
  await resident.reload();
  expect(await resident.innerText("main")).toMatch(/建议改时间[\s\S]*检修器械/);
  for (const p of [page, resident]) await done(p);
});
