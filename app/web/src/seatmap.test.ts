import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { enhance, type SeatMapIsland } from "./seatmap";

// Two rows with an aisle: 1 3 _ 2 4 / 1 x _ 2 4, ids 11 13 12 14 and 21 23 22 24.
const order = [11, 12, 13, 14, 21, 22, 23, 24]; // as the plan has them
const seat = (id: number, label: string, off = false, checked = false) =>
  `<label class="seat ${off ? "taken" : "free"}"><input type="checkbox" name="seats" value="${id}" data-n="${order.indexOf(id)}" data-label="${label}" aria-label="${label}，${off ? "已订" : "可选"}，靠过道"${off ? " disabled" : ""}${checked ? " checked" : ""}><b></b></label>`;
const html = `<section data-limit="2" data-poll="/api/v1/screenings/1/seats"
 data-t-none="最多 {n} 座" data-t-chosen="已选 {n} 座：{seats}" data-t-limit="只能选 {n} 座" data-t-gone="{seats} 刚被订走" data-t-freed="又空出 {n} 座"
 data-t-join="、" data-t-sep="，" data-t-free="可选" data-t-taken="已订" data-t-blocked="不开放" data-t-reserved="留给窗口">
<div class="looks"><input type="radio" name="look" value="map" checked><input type="radio" name="look" value="whole"></div>
<div class="hall-scroll">
<div class="hall-row"><span class="row-no">1</span>${seat(11, "1排1座")}${seat(13, "1排3座")}<i></i>${seat(12, "1排2座")}${seat(14, "1排4座")}</div>
<div class="hall-row"><span class="row-no">2</span>${seat(21, "2排1座")}${seat(23, "2排3座", true)}<i></i>${seat(22, "2排2座")}${seat(24, "2排4座")}</div>
</div><p data-summary></p><p data-news></p></section>`;

let root: HTMLElement;
let island: SeatMapIsland;
let get: ReturnType<typeof vi.fn<typeof fetch>>;
const input = (id: number) => root.querySelector<HTMLInputElement>(`[value="${id}"]`)!;
const words = (sel: string) => root.querySelector(sel)!.textContent;
const press = (id: number, key: string) => {
  input(id).focus();
  input(id).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  return Number((document.activeElement as HTMLInputElement).value);
};
const pick = (id: number) => {
  input(id).checked = !input(id).checked;
  input(id).dispatchEvent(new Event("change", { bubbles: true }));
};

beforeEach(() => {
  document.body.innerHTML = html;
  root = document.querySelector("section")!;
  get = vi.fn<typeof fetch>();
  island = enhance(root, get);
});
afterEach(() => island.stop());

describe("arrow keys", () => {
  it("cross the aisle", () => expect(press(13, "ArrowRight")).toBe(12));
  it("pass by a taken seat", () => expect(press(21, "ArrowRight")).toBe(22));
  it("go to the nearest column below", () => expect(press(13, "ArrowDown")).toBe(21));
  it("go up by position, not by number", () => expect(press(22, "ArrowUp")).toBe(12));
  it("stop at the wall", () => expect(press(14, "ArrowRight")).toBe(14));
  it("reach the ends of a row", () => {
    expect(press(13, "End")).toBe(14);
    expect(press(13, "Home")).toBe(11);
  });
  it("leave one tab stop", () => {
    press(13, "ArrowRight");
    expect([...root.querySelectorAll<HTMLInputElement>(".seat input")].filter((i) => i.tabIndex === 0).map((i) => i.value)).toEqual(["12"]);
  });
});

describe("choosing", () => {
  it("is summed up in words", () => {
    pick(11);
    pick(13);
    expect(words("[data-summary]")).toBe("已选 2 座：1排1座、1排3座");
    pick(11);
    pick(13);
    expect(words("[data-summary]")).toBe("最多 2 座");
  });
  it("keeps the limit and says so", () => {
    [11, 13, 12].forEach(pick);
    expect(input(12).checked).toBe(false);
    expect(words("[data-summary]")).toBe("只能选 2 座");
  });
});

describe("seats that change hands", () => {
  it("are given up, marked and told", () => {
    pick(11);
    island.apply({ version: 2, seats: [{ id: 11, state: "taken" }] });
    expect(input(11).checked).toBe(false);
    expect(input(11).disabled).toBe(true);
    expect(input(11).closest(".seat")!.className).toBe("seat gone taken");
    expect(input(11).getAttribute("aria-label")).toBe("1排1座，已订，靠过道");
    expect(words("[data-news]")).toBe("1排1座 刚被订走");
    expect(words("[data-summary]")).toBe("最多 2 座");
  });
  it("keep the focus in the map", () => {
    input(11).focus();
    island.apply({ version: 2, seats: [{ id: 11, state: "taken" }] });
    expect((document.activeElement as HTMLInputElement).value).toBe("13");
  });
  it("can be chosen when they come free", () => {
    island.apply({ version: 3, seats: [{ id: 23, state: "free" }] });
    expect(input(23).disabled).toBe(false);
    expect(words("[data-news]")).toBe("又空出 1 座");
  });
  it("never open the reserved ones to residents", () => {
    island.apply({ version: 4, seats: [{ id: 24, state: "reserved" }] });
    expect(input(24).disabled).toBe(true);
  });
});

describe("polling", () => {
  it("sends the tag back and takes 304 quietly", async () => {
    get.mockResolvedValueOnce(new Response(JSON.stringify({ version: 5, seats: [{ id: 22, state: "taken" }] }), { headers: { ETag: '"5"' } }));
    get.mockResolvedValueOnce(new Response(null, { status: 304 }));
    await island.poll();
    expect(input(22).disabled).toBe(true);
    await island.poll();
    expect(get.mock.calls[1]![1]!.headers).toEqual({ "If-None-Match": '"5"' });
  });
  it("survives being offline", async () => {
    get.mockRejectedValueOnce(new Error("offline"));
    await expect(island.poll()).resolves.toBeUndefined();
  });
  it("asks every ten seconds", () => {
    vi.useFakeTimers();
    const other = enhance(root, get);
    get.mockResolvedValue(new Response(null, { status: 304 }));
    vi.advanceTimersByTime(30_000);
    expect(get).toHaveBeenCalledTimes(3);
    other.stop();
    vi.useRealTimers();
  });
});

describe("pushes", () => {
  const pushed = (states: string) => island.take(JSON.stringify({ version: 9, states }));
  it("bring every seat to its state by its place in the plan", () => {
    pick(12);
    pushed("ftfbtfrf");
    const state = (id: number) => input(id).closest(".seat")!.classList;
    expect(order.map((id) => ["free", "taken", "blocked", "reserved"].find((s) => state(id).contains(s))!.charAt(0)).join("")).toBe("ftfbtfrf");
    expect(input(12).checked).toBe(false);
    expect(words("[data-news]")).toBe("1排2座 刚被订走");
  });
  it("of another plan are asked for in full", () => {
    get.mockResolvedValue(new Response(null, { status: 304 }));
    pushed("fff");
    expect(get).toHaveBeenCalledTimes(1);
    expect(input(11).disabled).toBe(false);
  });
  it("overtake an answer that is on its way", async () => {
    let answer: (r: Response) => void;
    get.mockReturnValueOnce(new Promise((r) => (answer = r)));
    const asked = island.poll();
    pushed("tfffffff");
    answer!(new Response(JSON.stringify({ version: 8, seats: [{ id: 11, state: "free" }] })));
    await asked;
    expect(input(11).disabled).toBe(true);
  });
});
