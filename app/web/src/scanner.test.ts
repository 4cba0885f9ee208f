import { expect, test } from "vitest";
import { clean, decide, text, usable } from "./scanner";

test("a party is let in once by the list", () => {
  const lent = { until: "", places: 0, used: 0, people: [{ code: "ABCD2345", name: "刘建国", party: 3, in: 1 }] };
  expect(decide(lent, "abcd 2345")).toMatchObject({ outcome: "in", heads: 2 });
  expect(decide(lent, "ABCD-2345").outcome).toBe("again");
  expect(decide(lent, "ZZZZ").outcome).toBe("unknown");
});

test("what is signed is what the server reads", () => {
  const at = "2026-11-29T04:00:00.000000Z";
  expect(text(7, "d", [{ nonce: "n", kind: "in", code: "ab cd", heads: 2, at }])).toBe(`youyue-scans-v1|7|d\nn|in|ABCD|2|${at}\n`);
  expect(clean("6k2m 7qxd")).toBe("6K2M7QXD");
});

test("a list that was taken along is of use for its two hours", () => {
  const lent = { until: "2026-11-29T06:00:00Z", places: 0, used: 0, people: [] };
  expect(usable(lent, Date.parse("2026-11-29T05:59:59Z"))).toBe(true);
  expect(usable(lent, Date.parse("2026-11-29T06:00:00Z"))).toBe(false);
  expect(usable(undefined)).toBe(false);
});
