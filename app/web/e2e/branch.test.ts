// A branch brings its members: a list pasted on a phone, seats given out, a
// block of seats asked for and granted.
import { expect, test } from "vitest";
import { accessible, desk, display, done, fits, noScript, phone, reader, shot, signIn, targets, withBrowser } from "./_harness";
import { screening, Taps } from "./_cinema";

withBrowser();

const surnames = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗";
const names = Array.from({ length: 40 }, (_, i) => `${surnames[i % 20]}${i < 20 ? "建国" : "秀英"}`);

test("a secretary pastes forty names on a phone, sees two faults named, corrects them and gives seats out", async () => {
  const s = await screening("branches");
  const page = await reader({ ...phone, ...noScript });
  await signIn(page, "branch");
  await page.goto(`/screenings/${s.id}?count=40`);
  await Promise.all([page.waitForURL("**/bookings/*"), page.click('main form button:has-text("就订这些座")')]);
  await Promise.all([page.waitForNavigation(), page.click('.links a:has-text("写名单")')]);
  await fits(page);
  await targets(page);

  const lines = names.map((n, i) => `${i + 1}. ${n}`);
  lines[6] = "7.";
  lines[20] = `21、${names[20]}\t99排1座`;
  await page.fill("#f-text", lines.join("\n"));
  const refused = page.waitForResponse((r) => r.request().method() === "POST");
  await page.click('button:has-text("存名单")');
  expect((await refused).status()).toBe(422);
  const faults = await page.locator(".errors li").allInnerTexts();
  expect(faults).toEqual(["第7行：姓名是空的", "第21行：99排1座不是这次订的座位"]);
  expect(await page.innerText("main")).toContain("有 2 处要改");
  await shot(page, "roll-faults");
  await fits(page);

  // What was pasted is still there, to be corrected in place.
  const text = (await page.inputValue("#f-text")).split("\n");
  text[6] = `7. ${names[6]}`;
  text[20] = `21、${names[20]}`;
  await page.fill("#f-text", text.join("\n"));
  await Promise.all([page.waitForNavigation(), page.click('button:has-text("存名单")')]);
  const list = page.url();
  expect(await page.innerText(".flash")).toContain("40 个人");
  expect(await page.locator(".roll tbody tr").count()).toBe(40);

  await Promise.all([page.waitForNavigation(), page.click('button:has-text("按顺序分座")')]);
  expect(await page.innerText(".flash")).toContain("按顺序分好了座");
  const seats = (await page.locator(".roll tbody td:nth-child(3)").allInnerTexts()).map((x) => x.trim());
  expect(new Set(seats).size).toBe(40);
  expect(seats.every((x) => /^\d+排\d+座$/.test(x)), seats.join()).toBe(true);
  await shot(page, "roll-seated");
  await page.goto("/branch");
  expect(await page.innerText("main")).toContain("名单（40 / 40 人）");

  // The same pages for older readers, and by the rules of accessibility.
  const elder = await reader(phone);
  await signIn(elder, "branch");
  await display(elder, "elder", "on");
  for (const path of [new URL(list).pathname, "/branch"]) {
    await elder.goto(path);
    await fits(elder);
    await targets(elder);
    await accessible(elder);
    await shot(elder, `elder${path.length > 10 ? "-roll" : "-branch"}`);
  }
  await done(elder);
  await done(page);
});

test("a list comes from an Excel file, by way of the box where it is corrected", async () => {
  const s = await screening("branches");
  const page = await reader(desk);
  await signIn(page, "branch3");
  await page.goto(`/screenings/${s.id}?count=4`);
  await Promise.all([page.waitForURL("**/bookings/*"), page.click('main form button:has-text("就订这些座")')]);
  await page.goto(`${page.url()}/attendees`);
  await page.fill("#f-text", "赵敏\n钱进\n孙丽");
  await Promise.all([page.waitForNavigation(), page.click('button:has-text("存名单")')]);
  const file = await page.request.get(`${page.url()}.xlsx`);
  const body = await file.body();
  await page.fill("#f-text", "");
  await page.click(".more summary");
  await page.setInputFiles("#f-file", { name: "名单.xlsx", mimeType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", buffer: body });
  await Promise.all([page.waitForNavigation(), page.click('button:has-text("读这个文件")')]);
  expect(await page.inputValue("#f-text")).toContain("钱进");
  expect(await page.innerText("main")).toContain("3 个人都没有问题，还没有存");
  await page.click(".more summary");
  await page.fill("#f-add_name", "王芳");
  await Promise.all([page.waitForNavigation(), page.click('button:has-text("添上这个人")')]);
  await Promise.all([page.waitForNavigation(), page.click('button:has-text("自由就座")')]);
  expect(await page.locator(".roll tbody tr").count()).toBe(4);
  await shot(page, "roll-desk");
  await done(page);
});

test("a block of seats is asked for, held, and granted by the scheduler's keyboard", async () => {
  const s = await screening("public");
  const page = await reader({ ...phone, ...noScript });
  await signIn(page, "branch");
  await page.goto(`/screenings/${s.id}`);
  const taps = new Taps(page);
  await taps.go('a:has-text("申请团体订座")');
  await fits(page);
  await targets(page);
  await taps.fill("[name=count]", "36");
  await taps.fill("[name=note]", "主题党日");
  await shot(page, "block-ask");
  await taps.go('button:has-text("提出申请")');
  expect(taps.presses).toBeLessThanOrEqual(3);
  const path = new URL(page.url()).pathname;
  expect(await page.innerText("main")).toMatch(/座位先给您留着，\d+月\d+日/);
  await shot(page, "block-held");
  await fits(page);

  const scheduler = await reader(desk);
  await signIn(scheduler, "scheduler");
  await scheduler.goto("/hall");
  expect(await scheduler.locator(`.waiting a[href="${path}"]`).count()).toBe(1);
  await shot(scheduler, "hall-queue");
  await scheduler.goto(path);
  await accessible(scheduler);
  await shot(scheduler, "block-decide");
  await scheduler.focus('button[accesskey="a"]');
  await Promise.all([scheduler.waitForNavigation(), scheduler.keyboard.press("Enter")]);
  expect(await scheduler.innerText("main")).toContain("已批准");

  await page.goto(path);
  expect(await page.innerText("main")).toContain("已订好");
  await Promise.all([page.waitForNavigation(), page.click('a:has-text("看票和座位单")')]);
  expect(await page.locator("svg.qr").count()).toBe(1);
  await page.goto("/branch");
  expect(await page.innerText("main")).toContain("名单（0 / 36 人）");
  await shot(page, "branch");
  await done(page);
  await done(scheduler);
});
