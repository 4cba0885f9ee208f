import { expect, test, vi } from "vitest";
import { enhance } from "./board";
import type { What } from "./_follow";

const board = (version: number, inside: string) => `<div data-board data-events="/e" data-version="${version}" data-t-lost="正在重新连接">${inside}<p data-lost></p></div>`;

test("what changes takes the place of what stood there, and a lost line is said", async () => {
  document.body.innerHTML = board(3, "<b>2／7</b>");
  const root = document.querySelector<HTMLElement>("[data-board]")!;
  let what: What | undefined;
  const fetcher = vi.fn<typeof fetch>();
  enhance(root, { fetcher, follow: (w) => ((what = w), { stop: () => undefined }) });
  expect(what).toMatchObject({ url: "/e", version: "3" });

  fetcher.mockResolvedValueOnce(new Response(board(4, "<b>3／7</b>")));
  what!.take("{}");
  await vi.waitFor(() => expect(root.querySelector("b")!.textContent).toBe("3／7"));
  expect(root.dataset.version).toBe("4");

  fetcher.mockRejectedValueOnce(new TypeError("gone"));
  what!.poll();
  await vi.waitFor(() => expect(root.querySelector("[data-lost]")!.textContent).toBe("正在重新连接"));
  fetcher.mockResolvedValueOnce(new Response(board(5, "<b>7／7</b>")));
  what!.poll();
  await vi.waitFor(() => expect(root.querySelector("[data-lost]")!.textContent).toBe(""));
  expect(root.querySelector("b")!.textContent).toBe("7／7");
});
