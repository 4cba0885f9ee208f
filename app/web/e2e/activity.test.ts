// Residents' activities: a child and an elder sign up with JavaScript off, a caller is
// signed up by keyboard, a scanner goes on without a line.
import { describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { accessible, desk, display, done, fits, noScript, phone, reader, shot, signIn, targets, withBrowser, withinBudget } from "./_harness";

withBrowser();

interface Activity {
  id: number;
  title: string;
  sessions: { id: number }[];
}

/** api sends a request of the API as whoever has signed in on the page. */
function api<T>(page: Page, method: string, path: string, body?: unknown): Promise<T> {
  return page.evaluate(
    async ([method, path, body]) => {
      const res = await fetch(path as string, {
        method: method as string,
        headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() },
        body: body ? JSON.stringify(body) : null,
      });
      if (!res.ok) throw new Error(`${path}: ${res.status} ${await res.text()}`);
      return await res.json();
    },
    [method, path, body] as const,
  ) as Promise<T>;
}

async function named(page: Page, title: string): Promise<Activity> {
  const { items } = await api<{ items: Activity[] }>(page, "GET", "/api/v1/activities?per_page=100");
  return items.find((a) => a.title.startsWith(title))!;
}

const press = async (page: Page, what: string) => void (await Promise.all([page.waitForNavigation(), page.click(what)]));

/** forEveryone looks at a page of a window that runs scripts. */
async function forEveryone(page: Page): Promise<void> {
  await accessible(page);
  await targets(page);
  await fits(page);
}

describe("with JavaScript off, 320 px wide", () => {
  const small = { ...noScript, viewport: { width: 320, height: 640 } };

  test("a child is signed up with who agrees and who fetches it", async () => {
    const page = await reader(small);
    await signIn(page, "resident");
    await page.goto("/activities?audience=children");
    await fits(page);
    await press(page, 'main a.event:has-text("剪窗花")');
    await fits(page);
    await page.fill('[name="age"]', "8");
    await page.selectOption('[name="answer"]', "yes");
    await press(page, 'main form button:has-text("报名")');
    expect(await page.textContent(".errors"), "under fourteen somebody agrees and fetches").toContain("监护人");
    await page.fill('[name="guardian"]', "刘建国");
    await page.fill('[name="pick_up"]', "王芳");
    await press(page, 'main form button:has-text("报名")');
    const got = await page.textContent("main");
    expect(got).toMatch(/已报上[\s\S]*签到码[\s\S]*同意的监护人[\s\S]*刘建国[\s\S]*谁来接[\s\S]*王芳/);
    await fits(page);

    // Two taps give it back; within ten seconds one takes that back.
    await press(page, 'main button:has-text("来不了，退掉")');
    expect(await page.textContent("main")).toContain("十秒内可以撤回");
    await press(page, 'button:has-text("撤回")');
    expect(await page.textContent("main")).toContain("已报上");
    await done(page);
  });

  test("an elder signs up in large type", async () => {
    const page = await reader(small);
    await signIn(page, "neighbour");
    await display(page, "elder", "on");
    await page.goto("/activities?audience=elders");
    await fits(page);
    await press(page, 'main a.event:has-text("健康评估")');
    await fits(page);
    await shot(page, "activity-elder-320");
    await page.check('[name="session_id"] >> nth=1');
    await page.fill('[name="age"]', "72");
    await press(page, 'main form button:has-text("报名")');
    expect(await page.textContent("main")).toContain("已报上");
    await fits(page);
    const again = await reader({ viewport: { width: 320, height: 640 } });
    await again.context().addCookies(await page.context().cookies());
    for (const path of [page.url(), "/activities", "/signups"]) {
      await again.goto(path);
      expect(await again.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe("24px");
      await forEveryone(again);
    }
    await done(again);
    await done(page);
  });
});

test("a caller is signed up by keyboard alone", async () => {
  const page = await reader(desk);
  await signIn(page, "clerk");
  await page.goto("/desk");
  await page.keyboard.press("Tab"); // out of the search, where digits are typed
  const on = async (key: string) => void (await Promise.all([page.waitForNavigation(), page.keyboard.press(key)]));
  await on("8");
  await forEveryone(page);
  await on((await page.locator(".keyed-list a", { hasText: "读书会" }).getAttribute("data-key"))!); // open to every age
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("f-name");
  await forEveryone(page);
  await page.keyboard.type("郑桂兰");
  await page.keyboard.press("Tab");
  await page.keyboard.type("13900005563");
  await on("F2");
  expect(await page.textContent("main")).toMatch(/郑桂兰，[\s\S]*1 人，已报上/);
  await on("Enter"); // 下一位来电
  expect(new URL(page.url()).pathname).toBe("/desk");
  await done(page);
});

test("the pages are for everyone", async () => {
  const page = await reader(phone);
  await signIn(page, "resident");
  const reading = await named(page, "读书会");
  await withinBudget(page, `/activities/${reading.id}`);
  await withinBudget(page, "/activities");
  for (const path of [`/activities/${reading.id}`, "/services"]) {
    await page.goto(path);
    await forEveryone(page);
  }
  await page.goto(`/activities/${reading.id}`);
  const meta = (name: string) => page.getAttribute(`meta[property="og:${name}"]`, "content");
  expect([await meta("title"), (await meta("description"))?.length, (await meta("image"))?.startsWith("http")]).toEqual([reading.title, expect.any(Number), true]);
  await done(page);

  const staff = await reader(desk);
  await signIn(staff, "scheduler");
  await staff.goto("/services");
  const sheet = (await staff.pdf({ preferCSSPageSize: true })).toString("latin1");
  expect(sheet.match(/\/Type \/Page\b/g)?.length, "a year on one sheet").toBe(1);
  for (const path of [`/activities/${reading.id}/people`, "/activities/new", `/sessions/${reading.sessions[0]!.id}/kiosk`]) {
    await staff.goto(path);
    await forEveryone(staff);
  }
  await done(staff);
});

test("a scanner goes on without a line, outlives a reload, and everybody counts once", async () => {
  const page = await reader(desk);
  await signIn(page, "scheduler");
  const start = Date.now() + 90_000;
  const org = await api<{ items: { id: number; kind: string }[] }>(page, "GET", "/api/v1/orgs?per_page=100");
  const a = await api<Activity>(page, "POST", "/api/v1/activities", {
    org_id: org.items.find((o) => o.kind === "station")!.id, kind: "reading", title: "断网读书会", summary: "门口没有网", place: "阅览室", audience: "all",
    capacity: 60, max_party: 4, sessions: [{ start: new Date(start).toISOString(), end: new Date(start + 3_600_000).toISOString() }],
  });
  const codes: string[] = [];
  for (let i = 0; i < 50; i++) {
    const body = { party: 1, caller: { name: `来电${i}` }, channel: "phone", read_back: true };
    codes.push((await api<{ code: string }>(page, "POST", `/api/v1/activities/${a.id}/signups`, body)).code);
  }
  const session = a.sessions[0]!.id;
  await page.goto(`/sessions/${session}/scanner`);
  await page.click('button:has-text("领取名单")');
  await page.waitForSelector("[data-offline] form:not([hidden])");
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(async () => (await caches.match(location.pathname)) !== undefined);

  // Another door lets one of them in meanwhile; this one has no line.
  await page.context().setOffline(true);
  const scan = async (code: string) => {
    await page.fill("#f-code", code);
    await page.keyboard.press("Enter");
  };
  for (const code of codes.slice(0, 25)) await scan(code);
  await expect.poll(() => page.textContent("[data-count]")).toContain("25 条没有送出");
  await page.reload();
  await page.waitForSelector("[data-offline] form:not([hidden])");
  expect(await page.textContent("[data-count]"), "kept over a reload without a line").toContain("25 条没有送出");
  for (const code of codes.slice(25)) await scan(code);
  await scan(codes[0]!);
  expect(await page.textContent("[data-said]"), "the list knows who is in").toContain("已经签过了");
  await page.click("[data-walkin]");
  await expect.poll(() => page.textContent("[data-count]")).toContain("52 条没有送出");
  await shot(page, "activity-offline-1366");

  const other = await reader(desk);
  await signIn(other, "scheduler");
  await other.goto(`/sessions/${session}/door`);
  await other.fill("#f-code", codes[7]!);
  await press(other, 'button:has-text("签到")');
  expect(await other.textContent("main")).toContain("来电7，1 人，请进");

  await page.context().setOffline(false);
  await expect.poll(() => page.textContent("[data-count]"), { timeout: 20_000 }).toContain("到了 51 人");
  expect(await page.textContent("[data-doubles]"), "both scans are named").toMatch(/来电7 两处都签了到：「网页」.*本机/);
  await other.goto(`/sessions/${session}/door`);
  expect(await other.textContent("main")).toMatch(/到了 51 人，应到 \d+ 人[\s\S]*两处都签了到[\s\S]*来电7：「网页」.*「scanner-/);
  await forEveryone(other);
  await done(other);
  await page.context().close(); // the cut line left errors of its own in the console
});
