// A secretary writes the record of a lesson that is over, signs it, corrects it
// with a reason, and prints it on one page.
import { expect, test } from "vitest";
import type { Page } from "playwright-core";
import { accessible, desk, display, done, fits, noScript, phone, reader, shot, signIn, targets, withBrowser } from "./_harness";

withBrowser();

const press = (page: Page, selector: string) => Promise.all([page.waitForNavigation(), page.click(selector)]);

/** unrecorded is the way to the demo branch's last lesson, from the year's sheet. */
async function unrecorded(page: Page): Promise<string> {
  await page.goto("/lessons");
  if (!(await page.locator(".year tbody tr").count())) await press(page, '[rel="prev"]'); // the first days of a year
  return (await page.locator(".year tbody tr:last-child a").getAttribute("href")) ?? "";
}

/** photo is a small picture as a file. */
async function photo(page: Page): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  return { name: "手机照片.png", mimeType: "image/png", buffer: await page.screenshot({ clip: { x: 0, y: 0, width: 300, height: 200 } }) };
}

const notes = "一、重温入党誓词。\n二、集体观看影片。\n三、三人发言。";

test("the secretary fills in and signs a record at 360 px, a clerk's draft is not lost, and it is corrected with a reason", async () => {
  const page = await reader({ ...phone, ...noScript });
  await signIn(page, "branch");
  const path = await unrecorded(page);
  await page.goto(path);
  expect(await page.innerText(".record")).toMatch(/应到 24 人，实到 20 人，缺席 4 人/);
  await press(page, 'a:has-text("填写记录")');

  // A clerk is first with a draft while the secretary is writing.
  const clerk = await reader({ ...desk, ...noScript });
  await signIn(clerk, "clerk");
  await clerk.goto(`${path}/edit`);
  await clerk.fill("[name=notes]", "代办员先记了一段");
  await press(clerk, "form.lesson-form button");
  expect(await clerk.innerText("main")).toContain("等共建第一党支部（示例）的书记签字");
  expect(await clerk.locator('a:has-text("签字")').count()).toBe(0);

  await page.fill("[name=host]", "陈书记");
  await page.check("[name=oath][value=yes]");
  await page.fill("[name=notes]", notes);
  await page.click("form.lesson-form button");
  expect(await page.innerText(".notice")).toMatch(/赵代办（示例）.*刚存过/);
  expect(await page.innerText(".theirs")).toContain("代办员先记了一段");
  expect((await page.inputValue("[name=notes]")).replaceAll("\r", "")).toBe(notes);
  await shot(page, "lesson-both");
  await page.click(".more summary");
  await page.fill("[name=arrived]", "21");
  await press(page, "form.lesson-form button");
  expect(await page.innerText(".errors")).toContain("请写原因");
  await page.fill("[name=count_reason]", "孔祥云走侧门，没有签到");
  await page.fill("[name=absent]", "何美玲、吕大海、施雅琴");
  await press(page, "form.lesson-form button");

  await page.setInputFiles("[name=photo]", { name: "x.jpg", mimeType: "image/jpeg", buffer: Buffer.from("GPS") });
  await press(page, 'button:has-text("上传这张")');
  expect(await page.innerText(".notice")).toContain("不是 JPEG 或 PNG");
  for (const left of [5, 4]) {
    await page.setInputFiles("[name=photo]", await photo(page));
    await press(page, 'button:has-text("上传这张")');
    expect(await page.innerText("#photos")).toContain(`还可以加 ${left} 张`);
  }
  await press(page, '#photos li:last-child button:has-text("删除")');
  expect(await page.locator("#photos img").count()).toBe(1);
  await shot(page, "lesson-draft");

  await press(page, 'a:has-text("签字")');
  expect(await page.innerText(".decision")).toMatch(/应到 24 人，实到 21 人，缺席 3 人/);
  await press(page, '.decision button:has-text("签字")');
  expect(await page.innerText("main")).toContain("已签字");
  expect(await page.locator("#photos button").count()).toBe(0);

  await press(page, 'a:has-text("更正")');
  await page.fill("[name=host]", "陈书记（示例）");
  await page.fill("[name=reason]", "主持人写全");
  await press(page, "form.lesson-form button");
  expect(await page.innerText(".record")).toContain("第 2 版，更正原因：主持人写全");
  expect(await page.innerText(".record")).toContain("签到记的是应到 24 人、实到 20 人");
  await press(page, 'a:has-text("看第 1 版")');
  expect(await page.innerText("main")).toContain("已被后来的版本代替");
  await unrecorded(page);
  expect(await page.innerText(".year tbody tr:last-child")).toMatch(/24[\s\S]*21[\s\S]*3[\s\S]*已更正，第 2 版/);
  expect(await page.innerText(".sum")).toMatch(/这一年 (\d) 次，已签字 \1 次/);
  await done(clerk);
  await done(page);
});

test("a record prints on one page of A4, however long its notes", async () => {
  const page = await reader(desk);
  await signIn(page, "branch");
  const path = await unrecorded(page);
  await page.goto(`${path}/correct`);
  await page.fill("[name=reason]", "补全发言");
  await page.fill("[name=notes]", "观影以后大家结合岗位谈了体会，".repeat(133));
  await press(page, "form.lesson-form button");
  const pages = (pdf: Buffer) => pdf.toString("latin1").match(/\/Type \/Page\b/g)?.length;
  expect(pages(await page.pdf({ preferCSSPageSize: true }))).toBe(1);
  await page.emulateMedia({ media: "print" });
  expect(await page.locator("nav, .actions, .timeline").filter({ visible: true }).count()).toBe(0);
  expect(await page.locator(".contact-sheet img").first().isVisible()).toBe(true);
  await shot(page, "lesson-print");
  await unrecorded(page);
  expect(pages(await page.pdf({ preferCSSPageSize: true }))).toBe(1);
  await done(page);
});

test.each([
  ["phone", { viewport: { width: 320, height: 700 } }, "off"],
  ["desk", desk, "off"],
  ["elder", { viewport: { width: 360, height: 740 } }, "on"],
])("a record and a year are for everyone, %s", async (look, options, elder) => {
  const page = await reader(options);
  await signIn(page, "branch");
  await display(page, "elder", elder);
  const path = await unrecorded(page);
  for (const p of ["/lessons", path, `${path}/correct`]) {
    await page.goto(p);
    await accessible(page);
    await targets(page);
    await fits(page);
    await shot(page, `lesson-${look}${p.replaceAll(/[/?=]/g, "-")}`);
  }
  await done(page);
  const auditor = await reader(options);
  await signIn(auditor, "auditor");
  await auditor.goto("/lessons");
  await accessible(auditor);
  await targets(auditor);
  await fits(auditor);
  await done(auditor);
});
