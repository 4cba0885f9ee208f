// Camera scan on the check-in page. The page works without it: the code is
// typed. The decoder (a megabyte of wasm, served by us) loads only when the
// camera is opened and the browser has none of its own.
import { fill, ready } from "./_text";

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}

async function detector(): Promise<Detector> {
  const own = (globalThis as { BarcodeDetector?: { new (o: { formats: string[] }): Detector; getSupportedFormats(): Promise<string[]> } }).BarcodeDetector;
  if (own && (await own.getSupportedFormats()).includes("qr_code")) return new own({ formats: ["qr_code"] });
  const [{ BarcodeDetector, prepareZXingModule }, { default: wasm }] = await Promise.all([
    import("barcode-detector/ponyfill"),
    import("zxing-wasm/reader/zxing_reader.wasm?url"),
  ]);
  prepareZXingModule({ overrides: { locateFile: (path: string, prefix: string) => (path.endsWith(".wasm") ? wasm : prefix + path) } });
  return new BarcodeDetector({ formats: ["qr_code"] });
}

export interface ScanParts {
  camera: () => Promise<MediaStream>;
  detector: () => Promise<Detector>;
  pause: (ms: number) => Promise<void>;
}

const browser: ScanParts = {
  camera: () => navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }),
  detector,
  pause: (ms) => new Promise((r) => setTimeout(r, ms)),
};

/** enhance gives [data-scan] a camera button; a code that is read goes into
 * the field named by data-scan and its form is sent once. */
export function enhance(root: HTMLElement, parts: ScanParts = browser): void {
  const input = document.querySelector<HTMLInputElement>(root.dataset.scan || "[name=code]");
  if (!input?.form) return;
  const form = input.form;
  const text = (key: string) => root.dataset[`t${key}`] ?? "";

  const button = document.createElement("button");
  button.type = "button";
  button.className = "button second";
  const words = document.createElement("p");
  words.setAttribute("aria-live", "polite");
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.hidden = true;
  root.append(button, words, video);

  let stream: MediaStream | undefined;
  const close = () => {
    stream?.getTracks().forEach((t) => t.stop());
    stream = undefined;
    video.hidden = true;
    button.textContent = text("Start");
  };

  const open = async () => {
    try {
      stream = await parts.camera();
      const eye = await parts.detector();
      video.srcObject = stream;
      video.hidden = false;
      await video.play();
      button.textContent = text("Stop");
      words.textContent = text("Aim");
      while (stream) {
        const code = (await eye.detect(video).catch(() => []))[0]?.rawValue;
        if (code && stream) {
          words.textContent = fill(text("Found"), { code });
          close();
          input.value = code;
          form.requestSubmit();
          return;
        }
        await parts.pause(200);
      }
    } catch {
      close();
      words.textContent = text("Denied");
    }
  };

  button.addEventListener("click", () => (stream ? close() : void open()));
  addEventListener("pagehide", close);
  close();
}

ready("[data-scan]", (el) => enhance(el));
