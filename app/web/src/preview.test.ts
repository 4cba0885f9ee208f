import { beforeEach, expect, test } from "vitest";
import { enhance, type PreviewParts } from "./preview";

const page = (offer: string) =>
  `<form data-preview action="http://x/screenings/1/book"><input type="hidden" name="csrf_token" value="secret"><input name="count" value="2"><input name="name" value="张"><p data-offer>${offer}</p></form>`;

beforeEach(() => {
  document.body.innerHTML = page("5排7座、8座");
});

const tick = () => new Promise((r) => setTimeout(r, 0));

function start(answer: () => Promise<string>) {
  const asked: string[] = [];
  const parts: PreviewParts = {
    load: (url) => {
      asked.push(url);
      return answer();
    },
    pause: () => Promise.resolve(),
  };
  enhance(document.querySelector<HTMLElement>("form")!, parts);
  return asked;
}

const change = (value: string) => {
  const count = document.querySelector<HTMLInputElement>("[name=count]")!;
  count.value = value;
  count.dispatchEvent(new Event("change", { bubbles: true }));
};

test("a changed number shows the seats for it", async () => {
  const asked = start(() => Promise.resolve(page("5排7座、8座、9座")));
  change("3");
  await tick();
  expect(document.querySelector("[data-offer]")!.textContent).toBe("5排7座、8座、9座");
  expect(asked).toEqual(["http://x/screenings/1?count=3"]);
});

test("several quick changes ask once, for the last", async () => {
  const asked = start(() => Promise.resolve(page("x")));
  change("3");
  change("4");
  await tick();
  expect(asked).toEqual(["http://x/screenings/1?count=4"]);
});

test("what is typed about a person changes nothing", async () => {
  const asked = start(() => Promise.resolve(page("x")));
  document.querySelector("[name=name]")!.dispatchEvent(new Event("change", { bubbles: true }));
  await tick();
  expect(asked).toEqual([]);
});

test("without an answer the offer stays", async () => {
  start(() => Promise.reject(new Error("offline")));
  change("3");
  await tick();
  expect(document.querySelector("[data-offer]")!.textContent).toBe("5排7座、8座");
});
