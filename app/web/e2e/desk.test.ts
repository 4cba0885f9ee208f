// A clerk on the hot line works by keyboard alone; a holder changes seats on a phone.
import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import { accessible, desk, display, done, fits, noScript, phone, reader, shot, signIn, targets, withBrowser, withinBudget } from "./_harness";
import { screening, screenings, seatIDs, Taps } from "./_cinema";

withBrowser();

/** press sends keys one after the other. */
async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const k of keys) await page.keyboard.press(k);
}

/** on presses a key that leads to another page. */
async function on(page: Page, key: string): Promise<void> {
  await Promise.all([page.waitForNavigation(), page.keyboard.press(key)]);
}

/** to walks with Tab until something of this text has the focus. */
async function to(page: Page, text: string): Promise<void> {
  for (let i = 0; i < 40; i++) {
    if ((await page.evaluate(() => `${document.activeElement?.textContent ?? ""} ${document.activeElement?.getAttribute("aria-label") ?? ""}`)).includes(text)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab never came to ${text}`);
}

const focused = (page: Page) => page.evaluate(() => document.activeElement?.id);

test("a clerk books a new caller, finds her again, changes her seats and cancels, by keyboard alone", async () => {
  const page = await reader(desk);
  await signIn(page, "clerk");
  await page.goto("/desk");
  expect(await focused(page)).toBe("f-q");

  // Nobody knows the number: the call is a new one, and its number is typed already.
  await page.keyboard.type("13900005563");
  await on(page, "Enter");
  expect(await focused(page)).toBe("f-name");
  expect(await page.inputValue("#f-phone")).toBe("13900005563");
  await accessible(page);
  await shot(page, "desk-new");
  await page.keyboard.type("郑桂兰");
  await press(page, "Tab", "Tab");
  expect(await focused(page)).toBe("f-count");
  await page.keyboard.type("3");
  await press(page, "Tab", "2"); // the second screening
  expect(await page.isChecked('[name="screening"] >> nth=1')).toBe(true);
  await on(page, "F2");
  const said = await page.innerText(".say");
  expect(said).toMatch(/郑桂兰[\s\S]*3 位[\s\S]*\d+排\d+座[\s\S]*对吗/);
  await accessible(page);
  await shot(page, "desk-say");
  await on(page, "F2");
  const booked = await page.innerText("main");
  expect(booked).toMatch(/复述：郑桂兰[\s\S]*取票码 [2-9A-Z]{4} [2-9A-Z]{4}/);
  const seats = /\d+排\d+座(、\d+座)*/.exec(said)![0];
  expect(booked, "what was read out is what was booked").toContain(seats);
  await accessible(page);
  await on(page, "Enter"); // 下一位来电
  expect(new URL(page.url()).pathname).toBe("/desk");
  expect(await focused(page)).toBe("f-q");
  expect(await page.innerText(".calls")).toContain("郑桂兰");

  // She rings again: the last digits find her, and her booking.
  await page.keyboard.type("5563");
  await on(page, "Enter");
  expect(await page.innerText(".on-line")).toMatch(/郑桂兰[\s\S]*尾号 5563/);
  await accessible(page);
  await targets(page);
  await shot(page, "desk-known");
  expect(await focused(page)).toBe("f-count");
  await on(page, "g"); // 改座, by its letter
  expect(await focused(page)).toBe("f-count");
  await page.keyboard.type("4");
  await page.waitForFunction(() => /(\d+座.*){4}/.test(document.querySelector(".offer strong")?.textContent ?? ""));
  expect(await page.innerText(".read-back")).toContain(seats);
  await accessible(page);
  await shot(page, "desk-change");
  await on(page, "F2");
  expect(await page.innerText(".flash")).toContain("改好了");
  expect(await page.innerText(".outcome .lead")).toMatch(/(\d+座.*){4}/);

  await to(page, "退订");
  await on(page, "Enter");
  expect(await focused(page)).toBe("f-reason");
  await page.keyboard.type("孩子病了");
  await on(page, "Enter");
  expect(await page.innerText("main")).toContain("已经退订了");
  await on(page, "Enter");
  expect(await focused(page)).toBe("f-q");
  expect(await page.innerText(".calls")).toContain("已退订");
  await done(page);
});

test("callers of one number are told apart, and a digit picks one", async () => {
  const page = await reader(desk);
  await signIn(page, "clerk");
  for (const name of ["孙凤英", "孙建国"]) {
    await page.goto("/desk?new=true");
    await page.fill("#f-name", name);
    await page.fill("#f-phone", "13900004471");
    await on(page, "F2");
    await on(page, "F2");
  }
  await page.goto("/desk");
  expect(await focused(page)).toBe("f-q");
  await page.keyboard.type("4471");
  await on(page, "Enter");
  expect(await page.locator(".known li").count()).toBe(2);
  expect(await page.locator(".call-rows >> nth=0").locator("li").count()).toBe(2);
  await accessible(page);
  await targets(page);
  await shot(page, "desk-people");
  await on(page, "2");
  expect(await page.innerText(".on-line h2")).toMatch(/孙(凤英|建国) 尾号 4471/);
  await done(page);
});

test("the desk does the same without script", async () => {
  const page = await reader({ ...desk, ...noScript });
  await signIn(page, "clerk");
  await page.goto("/desk");
  expect(await focused(page)).toBe("f-q");
  await page.keyboard.type("朱大爷");
  await on(page, "Enter");
  expect(await page.inputValue("#f-name")).toBe("朱大爷");
  expect(await focused(page)).toBe("f-phone");
  await on(page, "Enter"); // he has no number
  expect(await page.innerText(".say")).toContain("朱大爷");
  await on(page, "Enter");
  expect(await page.innerText("main")).toMatch(/复述：朱大爷/);
  await done(page);

  const paper = await reader(desk);
  await signIn(paper, "clerk");
  await paper.goto("/desk/slips");
  await accessible(paper);
  expect(await paper.innerText(".slips")).toContain("朱大爷");
  await paper.emulateMedia({ media: "print" });
  await paper.setViewportSize({ width: 794, height: 1123 });
  expect(await paper.isVisible(".slips svg.qr >> nth=0")).toBe(true);
  await shot(paper, "desk-slips");
  await done(paper);
});

test("seats that went while they were read out are read out anew, not booked unsaid", async () => {
  const page = await reader({ ...desk, ...noScript });
  await signIn(page, "clerk");
  await page.goto("/desk?new=true");
  await page.fill("#f-name", "何秀珍");
  await on(page, "Enter");
  const wanted = await page.locator('[name="seats"]').evaluateAll((all) => all.map((x) => (x as HTMLInputElement).value));
  const show = await page.inputValue('[name="screening"]');
  const rival = await reader({ ...phone, ...noScript });
  await signIn(rival, "leader");
  await rival.goto(`/screenings/${show}/seats?${wanted.map((w) => `seats=${w}`).join("&")}`);
  await Promise.all([rival.waitForURL("**/bookings/*"), rival.click('main form button:has-text("就订这些座")')]);
  await on(page, "Enter");
  expect(await page.innerText("#refusal")).toContain("刚被订走");
  await on(page, "Enter"); // the first way out has the focus
  expect(await page.innerText(".say")).toContain("何秀珍");
  await on(page, "Enter");
  expect(await page.innerText("main")).toContain("复述：何秀珍");
  for (const p of [page, rival]) await done(p);
});

test.each([
  ["with script", phone],
  ["without script", { ...phone, ...noScript }],
])("a holder changes seats on the phone, %s", async (_, options) => {
  const s = await screening("public");
  const [a, b, c] = (await seatIDs(s.id)).slice(-20);
  const page = await reader(options);
  await signIn(page, "resident");
  await page.goto(`/screenings/${s.id}/seats?seats=${a}&seats=${b}`);
  await Promise.all([page.waitForURL("**/bookings/*"), page.click('main form button:has-text("就订这些座")')]);
  const ticket = page.url();
  const taps = new Taps(page);
  await taps.go('.links a:has-text("改座")');
  expect(await page.innerText("main")).toContain("现在的座位");
  await taps.tap('[name=preference][value="front"]');
  await taps.go('button:has-text("换到这些座")');
  expect(taps.presses).toBe(3);
  expect(await page.innerText(".flash")).toContain("换成了");
  expect(page.url()).toBe(ticket);

  // On the map: back to the old ones, and one more.
  await page.goto(`${new URL(ticket).pathname}/seats?page=seats`);
  expect(await page.locator("[name=seats]:checked").count()).toBe(2);
  const had = await page.locator("[name=seats]:checked").evaluateAll((all) => all.map((x) => (x as HTMLInputElement).value));
  for (const id of had) await page.locator(`[name=seats][value="${id}"]`).uncheck({ force: true });
  for (const id of [a, b, c]) await page.locator(`[name=seats][value="${id}"]`).check({ force: true });
  await fits(page);
  await shot(page, "change-map");
  await Promise.all([page.waitForNavigation(), page.click('button:has-text("换到这些座")')]);
  expect(await page.innerText(".outcome .lead")).toMatch(/(\d+座.*){3}/);

  // Somebody else's seats are refused, with a way out of one tap.
  const taken = (await (await fetch(`${new URL(ticket).origin}/api/v1/screenings/${s.id}/seats`)).json()) as { seats: { id: number; state: string }[] };
  const other = taken.seats.find((x) => x.state === "taken" && ![a, b, c].includes(x.id))?.id;
  if (other) {
    await page.goto(`${new URL(ticket).pathname}/seats?seats=${a}&seats=${b}`);
    await page.evaluate((id) => {
      const box = document.querySelector<HTMLInputElement>(`[name=seats][value="${id}"]`)!;
      box.disabled = false;
      box.checked = true;
    }, other);
    await Promise.all([page.waitForNavigation(), page.click('button:has-text("换到这些座")')]);
    expect(await page.innerText("#refusal")).toContain("刚被订走");
    expect(await page.innerText("main")).toContain("现在的座位");
    await Promise.all([page.waitForNavigation(), page.click(".way-out button >> nth=0")]);
    expect(await page.innerText(".outcome .lead")).toMatch(/(\d+座.*){3}/);
  }
  await page.goto(ticket);
  await Promise.all([page.waitForNavigation(), page.click('.links a:has-text("退订")')]);
  await Promise.all([page.waitForNavigation(), page.click('.decision button:has-text("退订")')]);
  await done(page);
});

test.each(["normal", "elder"])("the page for changing seats is for everyone, %s", async (look) => {
  const s = (await screenings()).find((x) => x.audience === "public" && x.seats_free > 20)!;
  const page = await reader({ viewport: { width: 360, height: 740 } });
  await signIn(page, "resident");
  await page.goto(`/screenings/${s.id}`);
  await Promise.all([page.waitForURL("**/bookings/*"), page.click('main form button:has-text("就订这些座")')]);
  const path = `${new URL(page.url()).pathname}/seats`;
  if (look === "elder") await display(page, "elder", "on");
  for (const p of [path, `${path}?page=seats`]) {
    await page.goto(p);
    await accessible(page);
    await targets(page);
    await fits(page);
    await withinBudget(page, p);
    await shot(page, `change-${look}-${p.includes("?") ? "map" : "system"}`);
  }
  await done(page);
});
