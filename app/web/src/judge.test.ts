import { beforeEach, expect, test, vi } from "vitest";
import { card, flush, headers } from "./judge";
import { hundredths, press, read, show, write } from "./_marks";

const page = `<section data-judge-card data-key="judge:1:2" data-entry="7" data-round="1" data-url="/api/v1/contests/3/scores" data-token="yj_abc" data-weight="100"
 data-t-total="总分 {total}" data-t-kept="已存" data-t-missing="缺" data-t-range="{name} {low}-{high}" data-t-again="再按" data-t-sure="确认" data-t-send="送出" data-t-queued="没有网络" data-t-sent="已送出 {total}" data-t-erase="删" data-t-point="点" data-t-sending="正在送出">
<form class="mark-form"><label><span>技艺 <small>40%</small></span><input name="mark" data-code="skill" data-weight="40" type="number" min="6.00" max="10.00" step="0.05" value=""></label>
<label><span>气势 <small>60%</small></span><input name="mark" data-code="spirit" data-weight="60" type="number" min="6.00" max="10.00" step="0.05" value=""></label>
<p data-status></p><div data-keys></div><button data-send>送出</button></form></section>`;

const root = () => document.querySelector<HTMLElement>("[data-judge-card]")!;
const key = (k: string) => root().querySelector<HTMLButtonElement>(`[data-key="${k}"]`)!.click();
const type = (s: string) => [...s].forEach(key);
const inputs = () => [...root().querySelectorAll<HTMLInputElement>("[name=mark]")];
const submit = () => root().querySelector("form")!.dispatchEvent(new Event("submit", { cancelable: true }));
const status = () => root().querySelector("[data-status]")!.textContent;
const answer = (status: number, body: object = {}) => Promise.resolve(new Response(JSON.stringify(body), { status }));

beforeEach(() => {
  localStorage.clear();
  document.body.innerHTML = page;
  vi.restoreAllMocks();
});

test("marks as they are typed", () => {
  expect(["9.5", "9.", "10", "0.05", "", "9.555", ".5"].map(hundredths)).toEqual([950, 900, 1000, 5, undefined, undefined, undefined]);
  expect([show(950 * 40 + 905 * 60, 100), show(2833, 3), show(2, 4)]).toEqual(["9.23", "9.44", "0.01"]);
  expect([press("9", "."), press("9.", "."), press("9.55", "5"), press("", "."), press("9.5", "")]).toEqual(["9.", "9.", "9.55", "", "9."]);
});

test("every tap is kept and comes back after a reload", () => {
  card(root());
  type("9.5");
  inputs()[1]!.dispatchEvent(new Event("focus"));
  type("8");
  document.body.innerHTML = page;
  card(root());
  expect(inputs().map((i) => i.value)).toEqual(["9.5", "8"]);
  expect(status()).toBe("总分 8.60");
});

test("a mark off the scale is not sent", () => {
  const sent = vi.spyOn(globalThis, "fetch");
  card(root());
  type("5");
  submit();
  expect(status()).toBe("技艺 6.00-10.00");
  expect(sent).not.toHaveBeenCalled();
});

test("without network the marks wait, and go out once it is back", async () => {
  document.body.innerHTML = page.replace("judge:1:2", "judge:1:9"); // the cards above still listen
  const away = vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("offline"));
  card(root());
  type("9.5");
  inputs()[1]!.dispatchEvent(new Event("focus"));
  type("9");
  submit();
  expect(away).not.toHaveBeenCalled(); // the first press asks
  submit();
  await vi.waitFor(() => expect(away).toHaveBeenCalledTimes(1));
  expect(read("judge:1:9").queue["7"]?.marks).toEqual({ skill: 950, spirit: 900 });

  const back = vi.spyOn(globalThis, "fetch").mockImplementation(() => answer(200));
  back.mockClear();
  await vi.waitFor(() => {
    dispatchEvent(new Event("online"));
    expect(root().dataset.sent).toBe("");
  });
  expect(back).toHaveBeenCalledTimes(1);
  const [url, init] = back.mock.calls[0]!;
  expect(url).toBe("/api/v1/contests/3/scores");
  expect(init?.method).toBe("PUT");
  expect(new Headers(init?.headers).get("Authorization")).toBe("Bearer yj_abc");
  expect(JSON.parse(String(init?.body))).toEqual({ round_id: 1, entry_id: 7, marks: { skill: 950, spirit: 900 } });
  expect(read("judge:1:9")).toEqual({ marks: {}, queue: {} });
});

test("a refusal is told and waits no longer; a fault of the server waits", async () => {
  const one = { url: "/x", round: 1, marks: {} };
  write("k", { marks: { "7": { skill: "9" } }, queue: { "7": one, "8": one } });
  const told: string[] = [];
  await flush("k", {}, (e, what) => told.push(`${e} ${what}`), (() => answer(409, { detail: "已封分" })) as typeof fetch);
  expect(told).toEqual(["7 已封分", "8 已封分"]);
  expect(read("k").marks["7"]).toEqual({ skill: "9" });
  write("k", { marks: {}, queue: { "7": one } });
  await flush("k", {}, () => expect.fail("nothing to tell"), (() => answer(503)) as typeof fetch);
  expect(Object.keys(read("k").queue)).toEqual(["7"]);
});

test("an account sends with the page's token", () => {
  document.body.innerHTML = `<p data-token=""></p><input name="csrf_token" value="c1">`;
  expect(headers(document)).toEqual({ "X-CSRF-Token": "c1" });
});
