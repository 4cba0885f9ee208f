import { describe, expect, it } from "vitest";
import { fill } from "./_text";

describe("fill", () => {
  it("puts arguments in", () => expect(fill("还有 {n} 座", { n: 38 })).toBe("还有 38 座"));
  it("takes the first form for one", () => expect(fill("{n} {n:seat|seats}", { n: 1 })).toBe("1 seat"));
  it("takes the second form for others", () => expect(fill("{n} {n:seat|seats}", { n: 0 })).toBe("0 seats"));
  it("leaves what it was not told", () => expect(fill("{a} {b}", { a: "{b}" })).toBe("{b} {b}"));
});
