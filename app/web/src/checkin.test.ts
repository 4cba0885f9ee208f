import { beforeEach, describe, expect, it, vi } from "vitest";
import { enhance, type ScanParts } from "./checkin";

const stopped = vi.fn();
const stream = { getTracks: () => [{ stop: stopped }] } as unknown as MediaStream;
let sent: string[];
let input: HTMLInputElement;

const start = (parts: Partial<ScanParts>) => {
  const root = document.querySelector<HTMLElement>("[data-scan]")!;
  enhance(root, { camera: async () => stream, detector: async () => ({ detect: async () => [] }), pause: async () => {}, ...parts });
  const video = root.querySelector("video")!;
  Object.defineProperty(video, "srcObject", { writable: true, value: null });
  video.play = async () => {};
  return root;
};

beforeEach(() => {
  stopped.mockClear();
  document.body.innerHTML = `<form><input name="code"></form><div data-scan="[name=code]" data-t-start="开" data-t-stop="关" data-t-aim="对准" data-t-denied="用不了" data-t-found="扫到 {code}"></div>`;
  input = document.querySelector("input")!;
  sent = [];
  document.querySelector("form")!.requestSubmit = () => void sent.push(input.value);
});

describe("camera scan", () => {
  it("sends a code once, and closes the camera", async () => {
    const found = [[], [{ rawValue: "YY1.6K2M" }], [{ rawValue: "YY1.6K2M" }]];
    const root = start({ detector: async () => ({ detect: async () => found.shift() ?? [] }) });
    root.querySelector("button")!.click();
    await vi.waitFor(() => expect(sent).toEqual(["YY1.6K2M"]));
    expect(stopped).toHaveBeenCalledOnce();
    expect(root.querySelector("p")!.textContent).toBe("扫到 YY1.6K2M");
  });
  it("says what to do when the camera is refused", async () => {
    const root = start({ camera: () => Promise.reject(new Error("denied")) });
    root.querySelector("button")!.click();
    await vi.waitFor(() => expect(root.querySelector("p")!.textContent).toBe("用不了"));
    expect(root.querySelector("button")!.textContent).toBe("开");
  });
  it("can be closed again", async () => {
    const root = start({ pause: () => new Promise((r) => setTimeout(r, 5)) });
    const button = root.querySelector("button")!;
    button.click();
    await vi.waitFor(() => expect(button.textContent).toBe("关"));
    button.click();
    expect(stopped).toHaveBeenCalledOnce();
    expect(button.textContent).toBe("开");
    expect(sent).toEqual([]);
  });
});
