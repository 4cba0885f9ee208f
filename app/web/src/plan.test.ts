import { beforeEach, expect, test } from "vitest";
import { enhance } from "./plan";

const page = (looks: string) =>
  `<form data-plan action="http://x/halls/1/plan"><input type="hidden" name="csrf_token" value="secret"><textarea name="text">1排: 1-4</textarea><div data-plan-preview>${looks}</div></form>`;

beforeEach(() => {
  document.body.innerHTML = page("old");
});

const tick = () => new Promise((r) => setTimeout(r, 0));

function start(answer: string) {
  const sent: FormData[] = [];
  const form = document.querySelector("form")!;
  enhance(form, {
    send: (_, body) => {
      sent.push(body);
      return Promise.resolve(answer);
    },
    pause: () => tick().then(() => undefined),
  });
  return sent;
}

const type = (text: string) => {
  const area = document.querySelector("textarea")!;
  area.value = text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
};

test("quick typing asks once, for what stands there at last", async () => {
  const sent = start(page("new"));
  type("1排: 1-5");
  type("1排: 1-6");
  await tick();
  await tick();
  await tick();
  expect(sent.map((b) => [b.get("text"), b.get("do")])).toEqual([["1排: 1-6", "preview"]]);
  expect(document.querySelector("[data-plan-preview]")!.textContent).toBe("new");
});

test("an answer without a preview leaves the old one", async () => {
  start("");
  type("1排: 1-5");
  await tick();
  await tick();
  await tick();
  expect(document.querySelector("[data-plan-preview]")!.textContent).toBe("old");
});
