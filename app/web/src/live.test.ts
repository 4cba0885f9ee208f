import { afterEach, expect, test, vi } from "vitest";
import { enhance } from "./live";
import type { Source } from "./_follow";

const line: Source = { onopen: null, onerror: null, onmessage: null, readyState: 0, close: () => {} };
let following: { stop(): void };
afterEach(() => {
  following.stop();
  vi.useRealTimers();
});

const start = (get: typeof fetch) => {
  vi.useFakeTimers();
  document.body.innerHTML = `<p data-live="/events" data-poll="/door"><b data-arrived>1</b>/<span data-expected>9</span></p>`;
  following = enhance(document.querySelector<HTMLElement>("p")!, get, () => line);
};
const push = (figures: object) => line.onmessage!({ data: JSON.stringify(figures), lastEventId: "1" });
const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test("figures are pushed, also back to an older version", () => {
  start(vi.fn<typeof fetch>());
  push({ version: 7, arrived: 4, expected: 10, other: 1 });
  expect(document.body.textContent).toBe("4/10");
  push({ version: 6, arrived: 3, expected: 10 });
  expect(document.body.textContent).toBe("3/10");
});

test("while the line is down they are asked for; an answer that was overtaken is nothing", async () => {
  const get = vi.fn<typeof fetch>();
  const answer = (count: object) => get.mockResolvedValueOnce(new Response(JSON.stringify({ count, items: [] })));
  start(get);
  push({ version: 5, arrived: 2, expected: 10 });
  answer({ version: 6, arrived: 3, expected: 10 });
  await after(5000);
  expect(document.body.textContent).toBe("3/10");
  answer({ version: 5, arrived: 2, expected: 10 });
  get.mockRejectedValueOnce(new Error("offline"));
  get.mockResolvedValueOnce(new Response(null, { status: 503 }));
  await after(15_000);
  expect(document.body.textContent).toBe("3/10");
  answer({ arrived: 5, expected: 10 });
  await after(5000);
  expect(document.body.textContent).toBe("5/10");
});
