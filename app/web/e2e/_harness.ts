// What browser tests share: a reader with a browser window, signing in, axe,
// the byte budget, and pictures to look at.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Cookie, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject } from "vitest";

export const baseURL = inject("baseURL");

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

let browser: Browser;

/** withBrowser opens one Chromium for the tests of a file. */
export function withBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: process.env.YOUYUE_CHROMIUM ?? "/usr/bin/chromium", args: flags });
  });
  afterAll(() => browser?.close());
}

export const phone: BrowserContextOptions = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
export const desk: BrowserContextOptions = { viewport: { width: 1366, height: 768 } };
export const noScript: BrowserContextOptions = { javaScriptEnabled: false };

/** reader opens a window of its own (own cookies) and notes script errors,
 * console errors and requests to third parties, for done to judge. */
export async function reader(options: BrowserContextOptions = phone): Promise<Page> {
  const context = await browser.newContext({ baseURL, locale: "zh-CN", timezoneId: "Asia/Shanghai", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000); // less than a test's, so that what was waited for is named
  const faults: string[] = [];
  page.on("pageerror", (e) => faults.push(e.message));
  page.on("console", (m) => m.type() === "error" && !/status of 4\d\d/.test(m.text()) && faults.push(m.text()));
  page.on("request", (r) => /^https?:/.test(r.url()) && !r.url().startsWith(baseURL) && faults.push(`third party: ${r.url()}`));
  faultsOf.set(page, faults);
  return page;
}

const faultsOf = new WeakMap<Page, string[]>();

/** done checks that nothing went wrong unseen, and closes the window. */
export async function done(page: Page): Promise<void> {
  expect(faultsOf.get(page), "faults in the browser").toEqual([]);
  await page.context().close();
}

/** sessions keeps what the form gave to a role, so that it is filled in once a file. */
const sessions = new Map<string, Cookie[]>();

/** signIn signs a demo role in by the staff form, or by the session that the form
 * gave to that role before; in demo mode the password is the login. */
export async function signIn(page: Page, login: string, password = login): Promise<void> {
  const had = sessions.get(login);
  if (had) {
    await page.context().addCookies(had);
    await page.goto("/");
    return;
  }
  await page.goto("/login/password");
  await page.fill('[name="login"]', login);
  await page.fill('[name="password"]', password);
  await Promise.all([page.waitForURL((u) => !u.pathname.startsWith("/login")), page.click('main form[action="/login/password"] button')]);
  sessions.set(login, (await page.context().cookies()).filter((c) => c.name === "session"));
  expect(sessions.get(login), "a session").toHaveLength(1);
}

/** display switches elder mode or the language by the buttons every page has. */
export async function display(page: Page, field: "elder" | "lang", value: string): Promise<void> {
  const button = page.locator(`header form:has([name="${field}"][value="${value}"]) button`);
  if (await button.count()) await Promise.all([page.waitForLoadState("load"), button.click()]);
}

interface Violation {
  id: string;
  impact: string;
  nodes: { target: string[]; any: { message: string }[] }[];
}

/** accessible fails on any axe violation; elder pages are held to 7:1. The
 * checker goes in through the debugger, which the content security policy does not bind. */
export async function accessible(page: Page): Promise<void> {
  await page.evaluate(`${axeSource};undefined`);
  const found = await page.evaluate(async () => {
    const elder = document.documentElement.classList.contains("elder");
    const axe = (globalThis as unknown as { axe: { run(o: object): Promise<{ violations: Violation[] }> } }).axe;
    return (await axe.run({ rules: { "color-contrast-enhanced": { enabled: elder } } })).violations;
  });
  const lines = found.map((v) => `${v.id} (${v.impact}): ${v.nodes.map((n) => `${n.target.join(" ")} ${n.any[0]?.message ?? ""}`).join("; ")}`);
  expect(lines, `axe on ${page.url()}`).toEqual([]);
}

/** targets fails when something to press is smaller than the reader's least size. */
export async function targets(page: Page): Promise<void> {
  const small = await page.evaluate(() => {
    const least = document.documentElement.classList.contains("elder") ? 60 : 44;
    return [...document.querySelectorAll<HTMLElement>("button, input:not([type=hidden]), textarea, .button, nav a, .door, .tool, .help-link, .links a, .tap, .table td a")]
      .filter((e) => e.checkVisibility())
      .map((e) => (e.closest("label") ?? e))
      .map((e) => ({ e, r: e.getBoundingClientRect() }))
      .filter(({ r }) => r.height > 0 && r.height < least - 0.5)
      .map(({ e, r }) => `${e.tagName}.${e.className} ${e.textContent?.trim().slice(0, 20)} ${Math.round(r.width)}×${Math.round(r.height)}`);
  });
  expect(small, `small targets on ${page.url()}`).toEqual([]);
}

/** fits fails when the page can be pushed sideways. */
export async function fits(page: Page): Promise<void> {
  const [need, have] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth] as const);
  expect(need, `${page.url()} is wider than its window`).toBeLessThanOrEqual(have);
}

export interface Bytes {
  script: number;
  total: number;
  requests: number;
}

/** bytes loads a path with an empty cache and counts what came over the wire,
 * compressed, headers included. It borrows the cookies of the given window. */
export async function bytes(page: Page, path: string): Promise<Bytes> {
  const context: BrowserContext = await browser.newContext({ baseURL, storageState: await page.context().storageState() });
  const fresh = await context.newPage();
  const cdp = await context.newCDPSession(fresh);
  await cdp.send("Network.enable");
  const kinds = new Map<string, string>();
  const open = new Set<string>(); // but for streams, which stay open
  const sum: Bytes = { script: 0, total: 0, requests: 0 };
  cdp.on("Network.requestWillBeSent", (e) => e.type !== "EventSource" && open.add(e.requestId));
  cdp.on("Network.loadingFailed", (e) => open.delete(e.requestId));
  cdp.on("Network.responseReceived", (e) => kinds.set(e.requestId, e.type));
  cdp.on("Network.loadingFinished", (e) => {
    sum.total += e.encodedDataLength;
    sum.requests++;
    open.delete(e.requestId);
    if (kinds.get(e.requestId) === "Script") sum.script += e.encodedDataLength;
  });
  await fresh.goto(path, { waitUntil: "load" });
  await expect.poll(() => open.size, { timeout: 10_000 }).toBe(0);
  await context.close();
  return sum;
}

/** withinBudget holds a residents' page to 30 kB of script and 150 kB in all. */
export async function withinBudget(page: Page, path: string): Promise<void> {
  const b = await bytes(page, path);
  expect(b.script, `script bytes of ${path}`).toBeLessThanOrEqual(30_000);
  expect(b.total, `all bytes of ${path}`).toBeLessThanOrEqual(150_000);
}

/** shot leaves a picture in the folder that YOUYUE_SHOTS names, if it names one. */
export async function shot(page: Page, name: string): Promise<void> {
  const dir = process.env.YOUYUE_SHOTS;
  if (!dir) return;
  mkdirSync(dir, { recursive: true });
  await page.screenshot({ path: join(dir, `${name}.png`), fullPage: true });
}
