// A lecture is ordered in four taps and one field, and accepted in one tap by
// link, on a telephone of 360 px.
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { accessible, desk, display, done, fits, noScript, phone, reader, shot, signIn, targets, withBrowser, withinBudget } from "./_harness";

withBrowser();

/** forEveryone looks at a page of a window. */
async function forEveryone(page: Page): Promise<void> {
  await accessible(page);
  await targets(page);
  await fits(page);
}

/** taps counts what is pressed on the way. */
let taps = 0;
async function tap(page: Page, what: string): Promise<void> {
  taps++;
  await Promise.all([page.waitForNavigation(), page.click(what)]);
}

describe("a lecture", () => {
  test("is ordered in at most four taps and one field, and accepted in one", async () => {
    const page = await reader(phone);
    await signIn(page, "resident");
    await page.goto("/");
    await tap(page, '.doors a[href="/lectures"]');
    await forEveryone(page);
    await shot(page, "lecture-menu-360");
    await tap(page, 'main a.event:has-text("反诈知识进社区")');
    await forEveryone(page);
    await shot(page, "lecture-ask-360");
    expect(await page.textContent("main form")).toContain("前审核"); // said before it is sent
    await page.fill('[name="heads"]', "30");
    await tap(page, 'main form.ask button:has-text("就点这一单")');
    expect(taps).toBeLessThanOrEqual(4);
    expect(await page.textContent("main")).toContain("最迟");
    await forEveryone(page);
    await shot(page, "lecture-order-360");
    const order = new URL(page.url()).pathname;
    await done(page);

    const clerk = await reader(desk);
    await signIn(clerk, "clerk");
    await clerk.goto("/lectures/board");
    await forEveryone(clerk);
    await shot(clerk, "lecture-board-1366");
    await clerk.goto(order);
    await forEveryone(clerk);
    await shot(clerk, "lecture-dispatch-1366");
    await clerk.check('label:has-text("「五老」宣讲团") input');
    await Promise.all([clerk.waitForNavigation(), clerk.keyboard.press("d")]);
    expect(await clerk.textContent("main")).toContain("「五老」宣讲团");
    await done(clerk);

    const leader = await reader(phone);
    await signIn(leader, "leader");
    await leader.goto("/inbox");
    const link = await leader.locator('a[href^="/lecture-offers/"]').first().getAttribute("href");
    await done(leader);
    const team = await reader({ ...phone, ...noScript }); // nobody is signed in
    await team.goto(link!);
    await targets(team);
    await fits(team);
    await shot(team, "lecture-offer-360");
    await Promise.all([team.waitForNavigation(), team.click('main button:has-text("能来，接单")')]);
    expect(await team.textContent("main")).toContain("定下了");
    await shot(team, "lecture-accepted-360");
    await done(team);
  });

  test("reads well for elders, in English and on staff's screens", async () => {
    const page = await reader(phone);
    await signIn(page, "resident");
    await page.goto("/lectures");
    await display(page, "elder", "on");
    for (const path of ["/lectures", "/lectures/order", "/lectures/wish", "/lectures/orders"]) {
      await page.goto(path);
      await forEveryone(page);
      await shot(page, `lecture-elder${path.replaceAll("/", "-")}`);
    }
    await display(page, "elder", "off");
    await display(page, "lang", "en");
    await page.goto("/lectures");
    await forEveryone(page);
    await withinBudget(page, "/lectures");
    await done(page);
    const staff = await reader(desk);
    await signIn(staff, "scheduler");
    await staff.goto("/lectures/teams");
    const wulao = (await staff.locator('a:has-text("「五老」宣讲团")').first().getAttribute("href"))!;
    for (const path of ["/lectures/report", "/lectures/topics", "/lectures/topics/new", "/lectures/teams", "/lectures/teams/new", wulao, "/lectures/wishes", "/lectures/all"]) {
      await staff.goto(path);
      await forEveryone(staff);
      await shot(staff, `lecture-staff${path.replaceAll("/", "-")}`);
    }
    await done(staff);
  });
});
