// A full screening: a neighbour waits, a booking is given back, the offer comes
// by link, and the link leads to the ticket.
import type { BrowserContextOptions, Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { accessible, baseURL, desk, display, done, fits, noScript, phone, reader, shot, signIn, targets, withBrowser, withinBudget } from "./_harness";
import { screenings } from "./_cinema";

withBrowser();

/** forEveryone looks at a page; what judges it needs script. */
async function forEveryone(page: Page, options: BrowserContextOptions): Promise<void> {
  if (options.javaScriptEnabled !== false) await accessible(page);
  await targets(page);
  await fits(page);
}

const button = (page: Page, text: string) => Promise.all([page.waitForNavigation(), page.click(`main form button:has-text("${text}")`)]);

/** small is the party of the bookings that are given back, one a test. */
const small = 3;
let id = 0;
const tickets: string[] = [];

// The resident books a whole house, the last seats, none of them for wheelchairs,
// in small parties.
beforeAll(async () => {
  id = (await screenings()).findLast((s) => s.audience === "public" && s.bookable && s.seats_reserved === 0 && s.seats_free > 100)!.id;
  const page = await reader({ ...desk, ...noScript });
  await signIn(page, "resident");
  for (;;) {
    const r = await fetch(`${baseURL}/api/v1/screenings/${id}/seats`);
    const { seats } = (await r.json()) as { seats: { id: number; state: string; kind: string }[] };
    const free = seats.filter((x) => x.state === "free").sort((a, b) => Number(a.kind === "standard") - Number(b.kind === "standard"));
    if (free.length === 0) break;
    const take = free.slice(0, free.length > 20 ? Math.min(20, free.length - 4 * small) : small);
    await page.goto(`/screenings/${id}/seats?${take.map((x) => `seats=${x.id}`).join("&")}`);
    await Promise.all([page.waitForURL("**/bookings/*"), page.click('main form button:has-text("就订这些座")')]);
    if (take.length === small) tickets.push(page.url());
  }
  await done(page);
}, 120_000);

/** giveBack cancels a booking as its holder. */
async function giveBack(ticket: string): Promise<void> {
  const page = await reader({ ...phone, ...noScript });
  await signIn(page, "resident");
  await page.goto(`${ticket}/cancel`);
  await Promise.all([page.waitForURL(ticket), page.click('.decision button:has-text("退订")')]);
  await done(page);
}

/** offerLink is where the latest message of an account leads. */
async function offerLink(page: Page): Promise<string> {
  let path: string | null = null;
  for (let i = 0; i < 50 && !path; i++) {
    await page.goto("/inbox");
    path = await page
      .locator('main a[href^="/offers/"]')
      .first()
      .getAttribute("href", { timeout: 300 })
      .catch(() => null);
  }
  expect(path, "a message with the link").not.toBeNull();
  return path!;
}

describe.each([
  ["with script", phone, "neighbour"],
  ["without script", { ...phone, ...noScript }, "leader"],
])("%s", (how, options, login) => {
  test("who waits is offered what is given back, by link, and gets a ticket", async () => {
    const page = await reader(options);
    await signIn(page, login);
    await page.goto(`/screenings/${id}`);
    expect(await page.innerText("main")).toContain("满了，可以排候补");
    await page.fill("[name=count]", String(small));
    await forEveryone(page, options);
    await shot(page, `waitlist-full ${how}`);
    await button(page, "排候补");
    expect(page.url()).toContain("/waitlist/");
    expect(await page.innerText("main")).toMatch(/排在最前[\s\S]*按先后排/);
    await shot(page, `waitlist-waiting ${how}`);
    await page.goto("/bookings");
    expect(await page.innerText("main")).toContain("正在排候补");

    await giveBack(tickets.pop()!);
    const link = await offerLink(page);

    // Nobody is signed in where the link is opened; looking changes nothing.
    const visitor = await reader(options);
    for (let i = 0; i < 2; i++) {
      await visitor.goto(link);
      expect(await visitor.innerText("main")).toMatch(/排\d+座[\s\S]*座位给您留到/);
    }
    await forEveryone(visitor, options);
    await shot(visitor, `waitlist-offer ${how}`);
    await display(visitor, "elder", "on");
    await forEveryone(visitor, options);
    await shot(visitor, `waitlist-offer-elder ${how}`);
    await button(visitor, "要，订好");
    expect(await visitor.innerText("main")).toContain("已订好");
    expect(await visitor.locator(".code").innerText()).toMatch(/^[2-9A-Z]{4} [2-9A-Z]{4}$/);
    expect(await visitor.locator("svg.qr").count()).toBe(1);
    await shot(visitor, `waitlist-taken ${how}`);
    await done(visitor);

    await page.goto(link);
    await Promise.all([page.waitForURL("**/bookings/*"), page.click('main .links a:has-text("看票")')]);
    expect(await page.innerText("main")).toContain("已订好");
    await done(page);
  });
});

test("the pages of the list keep to their bytes and speak English", async () => {
  const page = await reader(phone);
  await signIn(page, "judge");
  await withinBudget(page, `/screenings/${id}`);
  await page.goto(`/screenings/${id}`);
  await display(page, "lang", "en");
  expect(await page.innerText("main")).toContain("You can wait for seats");
  await button(page, "Join the waiting list");
  expect(await page.innerText("main")).toMatch(/first in line[\s\S]*In order of joining/);
  expect(await page.innerText("main")).not.toMatch(/\bwaitlist\.[a-z_]+/);
  await withinBudget(page, new URL(page.url()).pathname);
  await button(page, "Leave the line");
  expect(await page.innerText("main")).toContain("You can join again");
  await done(page);
});

test("the list is kept in order by the staff, with a reason, and a caller waits through the desk", async () => {
  const clerk = await reader({ ...desk, ...noScript });
  await signIn(clerk, "clerk");
  for (const name of ["冯阿姨", "陈大爷"]) {
    await clerk.goto(`/screenings/${id}`);
    await clerk.fill("[name=name]", name);
    await button(clerk, "排候补");
    expect(await clerk.innerText("main")).toContain(name);
  }
  const staff = await reader(desk);
  await signIn(staff, "scheduler");
  await staff.goto(`/screenings/${id}/waitlist`);
  expect(await staff.innerText(".waiters")).toMatch(/冯阿姨[\s\S]*陈大爷/);
  await accessible(staff);
  await staff.fill(".waiters li:nth-child(2) [name=reason]", "刚出院，腿脚不便");
  await button(staff, "上移一位");
  expect(await staff.innerText(".waiters")).toMatch(/陈大爷[\s\S]*冯阿姨/);
  await shot(staff, "waitlist-staff");
  await staff.setViewportSize({ width: 360, height: 740 });
  await fits(staff);
  await targets(staff);
  await shot(staff, "waitlist-staff-phone");
  await giveBack(tickets.pop()!);
  await clerk.goto("/callsheet");
  expect(await clerk.innerText("main")).toMatch(/陈大爷[\s\S]*有座了/);
  await clerk.goto(`/screenings/${id}/waitlist`);
  await button(clerk, "对方要，订好");
  expect(await clerk.innerText(".flash")).toContain("订好了");
  expect(await clerk.innerText(".waiters")).not.toContain("陈大爷");
  await done(clerk);
  await done(staff);
});
