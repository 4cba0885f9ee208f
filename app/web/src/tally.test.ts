import { expect, test } from "vitest";
import { enhance } from "./tally";

test("the count follows the other doors, and stands when the line is down", async () => {
  document.body.innerHTML = `<p data-tally="/door"><b data-arrived>1</b>/<span data-expected>9</span></p>`;
  const answers = [() => Promise.resolve({ count: { arrived: 4, expected: 10 } }), () => Promise.reject(new Error("offline"))];
  let ask = () => {};
  enhance(document.querySelector<HTMLElement>("p")!, {
    load: () => answers.shift()!(),
    every: (_, f) => {
      ask = f;
    },
  });
  ask();
  await new Promise((r) => setTimeout(r, 0));
  expect(document.body.textContent).toBe("4/10");
  ask();
  await new Promise((r) => setTimeout(r, 0));
  expect(document.body.textContent).toBe("4/10");
});

test("an answer that was overtaken changes nothing", async () => {
  document.body.innerHTML = `<p data-tally="/door"><b data-arrived>1</b>/<span data-expected>9</span> <i data-late>0</i></p>`;
  const answers = [
    { arrived: 5, expected: 9, late: 2, version: 12 },
    { arrived: 4, expected: 9, late: 1, version: 11 },
  ];
  let ask = () => {};
  enhance(document.querySelector<HTMLElement>("p")!, {
    load: () => Promise.resolve({ count: answers.shift()! }),
    every: (_, f) => {
      ask = f;
    },
  });
  ask();
  ask();
  await new Promise((r) => setTimeout(r, 0));
  expect(document.body.textContent).toBe("5/9 2");
});
