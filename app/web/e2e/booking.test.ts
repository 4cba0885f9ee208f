// A party books seats, looks at its ticket, and gives it back.
import { describe, expect, test } from "vitest";
import { accessible, desk, display, done, fits, noScript, phone, reader, shot, signIn, targets, withBrowser, withinBudget } from "./_harness";
import { screening, seatIDs, Taps } from "./_cinema";

withBrowser();

const residentsPages = (id: number) => ["/", "/screenings", `/screenings/${id}`, `/screenings/${id}/seats`, "/bookings"];

describe.each([
  ["with script", phone],
  ["without script", { ...phone, ...noScript }],
])("%s", (_, options) => {
  test("a party is seated together in at most four taps", async () => {
    const s = await screening("public");
    const page = await reader(options);
    await signIn(page, "resident");
    await page.goto(`/screenings/${s.id}`);
    const taps = new Taps(page);
    await taps.go('.quick a:has-text("4")');
    await taps.tap('[name=preference][value="back"]');
    await taps.go('main form button:has-text("就订这些座")');
    expect(taps.presses).toBeLessThanOrEqual(4);
    expect(page.url()).toContain("/bookings/");
    const text = await page.innerText("main");
    expect(text).toContain("已订好");
    expect(text.match(/\d+排\d+座(、\d+座){3}/), text).not.toBeNull();
    expect(await page.locator(".code").innerText()).toMatch(/^[2-9A-Z]{4} [2-9A-Z]{4}$/);
    expect(await page.locator("svg.qr").count()).toBe(1);
    await done(page);
  });

  test("a seat that was taken meanwhile is answered with others, in one tap", async () => {
    const s = await screening("public");
    const [a, b] = (await seatIDs(s.id)).slice(20, 22);
    const slow = await reader(options);
    await slow.route("**/events?*", (r) => r.fulfill({ status: 429 })); // nobody tells them
    await signIn(slow, "resident");
    await slow.goto(`/screenings/${s.id}/seats?seats=${a}&seats=${b}`);
    const quick = await reader({ ...options, ...noScript });
    await signIn(quick, "leader");
    await quick.goto(`/screenings/${s.id}/seats?seats=${a}&seats=${b}`);
    await Promise.all([quick.waitForURL("**/bookings/*"), quick.click('main form button:has-text("就订这些座")')]);
    const answer = slow.waitForResponse((r) => r.request().method() === "POST");
    await slow.click('main form button:has-text("就订这些座")');
    expect((await answer).status()).toBe(409);
    expect(await slow.innerText("#refusal")).toContain("刚被订走");
    const taps = new Taps(slow);
    await taps.go(".way-out button");
    expect(taps.presses).toBe(1);
    expect(await slow.innerText("main")).toContain("已订好");
    await done(slow);
    await done(quick);
  });

  test("a ticket is given back on a page of its own", async () => {
    const s = await screening("public");
    const page = await reader(options);
    await signIn(page, "resident");
    await page.goto(`/screenings/${s.id}`);
    await Promise.all([page.waitForURL("**/bookings/*"), page.click('main form button:has-text("就订这些座")')]);
    const ticket = page.url();
    await Promise.all([page.waitForNavigation(), page.click('.links a:has-text("退订")')]);
    expect(await page.innerText("main")).toContain("退订这 2 座");
    await Promise.all([page.waitForNavigation(), page.click('.decision button:has-text("退订")')]);
    expect(page.url()).toBe(ticket);
    expect(await page.innerText("main")).toContain("已退订");
    expect(await page.locator("svg.qr").count()).toBe(0);
    await done(page);
  });
});

test("a secretary seats twenty together at a screening for branches, in four taps", async () => {
  const s = await screening("branches");
  const page = await reader({ ...phone, ...noScript });
  await signIn(page, "branch");
  await page.goto(`/screenings/${s.id}`);
  expect(await page.innerText("main")).toContain("党支部");
  const taps = new Taps(page);
  await taps.go('.quick a:has-text("20")');
  await taps.go('main form button:has-text("就订这些座")');
  expect(taps.presses).toBeLessThanOrEqual(4);
  expect(await page.innerText("main")).toMatch(/已订好[\s\S]*党支部/);
  expect(await page.innerText(".flash")).toContain("相邻的几排");
  await done(page);
});

test("a visitor signs in on the way and keeps the choice", async () => {
  const s = await screening("public");
  const page = await reader({ ...phone, ...noScript });
  await page.goto(`/screenings/${s.id}?count=3`);
  await page.click('[name=preference][value="front"]');
  await Promise.all([page.waitForURL("**/login**"), page.click('main form button:has-text("就订这些座")')]);
  await Promise.all([page.waitForNavigation(), page.click('button[name=login][value="resident"]')]);
  expect(await page.inputValue("[name=count]")).toBe("3");
  expect(await page.isChecked('[name=preference][value="front"]')).toBe(true);
  await Promise.all([page.waitForURL("**/bookings/*"), page.click('main form button:has-text("就订这些座")')]);
  await done(page);
});

test("the offer follows the number of people", async () => {
  const s = await screening("public");
  const page = await reader(phone);
  await page.goto(`/screenings/${s.id}?count=2`);
  const before = await page.innerText("[data-offer] strong");
  await page.click(".stepper-row button:last-of-type");
  await page.waitForFunction((old) => document.querySelector("[data-offer] strong")?.textContent !== old, before);
  expect(await page.innerText("[data-offer] strong")).toMatch(/\d+座.*\d+座.*\d+座/);
  await done(page);
});

test("the ticket goes to the calendar and on paper", async () => {
  const s = await screening("public");
  const page = await reader(desk);
  await signIn(page, "resident");
  await page.goto(`/screenings/${s.id}`);
  await Promise.all([page.waitForURL("**/bookings/*"), page.click('main form button:has-text("就订这些座")')]);
  const ics = await page.request.get(`${page.url()}/calendar.ics`);
  expect(ics.headers()["content-type"]).toContain("text/calendar");
  expect(await ics.text()).toMatch(/^BEGIN:VCALENDAR\r\n/);
  await page.goto(`${page.url()}/slip`);
  await accessible(page);
  await page.emulateMedia({ media: "print" });
  expect(await page.isVisible("svg.qr")).toBe(true);
  expect(await page.isVisible("header .bar")).toBe(false);
  expect(await page.locator(".slip tbody tr").count()).toBe(2);
  await shot(page, "slip-print");
  await done(page);
});

test("a screening for branches says who can book it", async () => {
  const s = await screening("branches");
  const page = await reader(phone);
  await signIn(page, "resident");
  await page.goto(`/screenings/${s.id}`);
  expect(await page.innerText("main")).toContain("请联系本支部书记");
  expect(await page.locator('main form[action$="/book"]').count()).toBe(0);
  await done(page);
});

test("a clerk books for a caller and reads it back", async () => {
  const s = await screening("public");
  const page = await reader(desk);
  await signIn(page, "clerk");
  await page.goto(`/screenings/${s.id}`);
  await page.click('main form button:has-text("就订这些座")');
  await page.waitForSelector(".errors");
  expect(await page.innerText(".errors")).toContain("姓名");
  await page.fill("[name=name]", "刘桂兰");
  await page.fill("[name=phone]", "13900008826");
  await page.check("[name=read_back]");
  await Promise.all([page.waitForURL("**/bookings/*"), page.click('main form button:has-text("就订这些座")')]);
  expect(await page.innerText("main")).toContain("复述：刘桂兰");
  await done(page);
});

test("a clerk finds a caller again, books for them anew, and gives a booking back, without script", async () => {
  const s = await screening("public");
  const page = await reader({ ...desk, ...noScript });
  await signIn(page, "clerk");
  const book = () => Promise.all([page.waitForURL("**/bookings/*"), page.click('main form button:has-text("就订这些座")')]);
  await page.goto(`/screenings/${s.id}`);
  expect(await page.isVisible("[name=org_id]")).toBe(false);
  await page.check('[name=for][value="self"]');
  expect(await page.isVisible("[name=name]")).toBe(false);
  await page.check('[name=for][value="caller"]');
  await page.fill("[name=name]", "王秀英");
  await page.fill("[name=phone]", "139 0000-7719");
  await book();

  await page.goto("/desk");
  await accessible(page);
  await page.fill("[name=q]", "77-19");
  await Promise.all([page.waitForNavigation(), page.click('[role="search"] button')]);
  expect(await page.innerText(".known")).toMatch(/王秀英[\s\S]*7719/);
  await accessible(page);
  await targets(page);
  await shot(page, "desk");
  await Promise.all([page.waitForNavigation(), page.click(".known a")]);
  await Promise.all([page.waitForNavigation(), page.click(`.events a[href^="/screenings/${s.id}?"]`)]);
  expect(await page.innerText(".read-back")).toContain("2 位");
  await book();
  expect(await page.innerText("main")).toContain("王秀英");

  await page.goto("/desk?q=7719");
  expect(await page.locator(".known li").count()).toBe(1);
  expect(await page.locator(".events li").count()).toBe(2);
  await Promise.all([page.waitForNavigation(), page.click(".events a >> nth=0")]);
  await Promise.all([page.waitForNavigation(), page.click('.links a:has-text("退订")')]);
  await Promise.all([page.waitForNavigation(), page.click('.decision button:has-text("退订")')]);
  expect(await page.innerText("main")).toContain("已退订");
  await done(page);
});

test.each(["normal", "elder"])("residents' pages are for everyone, %s", async (look) => {
  const s = await screening("public");
  const page = await reader({ viewport: { width: 320, height: 700 } });
  await signIn(page, "resident");
  if (look === "elder") await display(page, "elder", "on");
  for (const path of residentsPages(s.id)) {
    await page.goto(path);
    await accessible(page);
    await targets(page);
    await fits(page);
    await shot(page, `${look}${path.replaceAll("/", "-").replace(String(s.id), "n")}`);
  }
  await done(page);
});

test("residents' pages keep to their bytes", async () => {
  const s = await screening("public");
  const page = await reader();
  await signIn(page, "resident");
  for (const path of residentsPages(s.id)) await withinBudget(page, path);
  await done(page);
});

test("the pages speak English", async () => {
  const s = await screening("public");
  const page = await reader(phone);
  await page.goto(`/screenings/${s.id}`);
  await display(page, "lang", "en");
  expect(await page.innerText("main")).toContain("Book these seats");
  expect(await page.innerText("main")).not.toMatch(/\b(show|fact|who)\.[a-z_]+/);
  await done(page);
});
