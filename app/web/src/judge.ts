// Scoring on a phone: large keys, kept at each tap, sent once when there is
// network. Without the script the same form has number fields.
import { fill, ready } from "./_text";
import { hundredths, press, read, send, show, write, type Sending } from "./_marks";

const again = 10_000; // milliseconds between two tries to send

/** headers say who sends: the private link's token, or the page's own. */
export function headers(root: ParentNode): Record<string, string> {
  const token = root.querySelector<HTMLElement>("[data-token]")?.dataset.token;
  if (token) return { Authorization: `Bearer ${token}` };
  const csrf = root.querySelector<HTMLInputElement>("[name=csrf_token]")?.value ?? "";
  return { "X-CSRF-Token": csrf };
}

/** flush sends what waits, one after the other, and tells of each what became of it. */
export async function flush(key: string, head: Record<string, string>, told: (entry: string, what: "sent" | string) => void, fetcher: typeof fetch = fetch): Promise<void> {
  for (const [entry, s] of Object.entries(read(key).queue)) {
    const answer = await send(entry, s, head, fetcher);
    if (answer === "later") return;
    const kept = read(key);
    delete kept.queue[entry];
    if (answer === "sent") delete kept.marks[entry];
    write(key, kept);
    told(entry, answer === "sent" ? "sent" : answer.refused);
  }
}

/** keep has one try at a time, at once, when the network is back, and every so often. */
function keep(key: string, head: () => Record<string, string>, told: (entry: string, what: string) => void): () => void {
  let busy = false;
  const go = () => {
    if (busy) return;
    busy = true;
    void flush(key, head(), told).finally(() => (busy = false));
  };
  addEventListener("online", go);
  setInterval(go, again);
  return go;
}

interface Field {
  input: HTMLInputElement;
  code: string;
  weight: number;
  name: string;
}

/** card makes one entry's form a keypad. */
export function card(root: HTMLElement): void {
  const form = root.querySelector<HTMLFormElement>(".mark-form");
  const key = root.dataset.key ?? "";
  const entry = root.dataset.entry ?? "0";
  const text = (k: string) => root.dataset[`t${k}`] ?? "";
  if (!form) {
    const kept = read(key);
    delete kept.marks[entry];
    delete kept.queue[entry];
    write(key, kept);
    return;
  }
  const status = root.querySelector<HTMLElement>("[data-status]")!;
  const button = root.querySelector<HTMLButtonElement>("[data-send]")!;
  const fields: Field[] = [...form.querySelectorAll<HTMLInputElement>("[name=mark]")].map((input) => ({
    input,
    code: input.dataset.code ?? "",
    weight: Number(input.dataset.weight),
    name: input.closest("label")?.querySelector("span")?.firstChild?.textContent?.trim() ?? "",
  }));
  const kept = read(key);
  for (const f of fields) {
    f.input.type = "text"; // so that "9." can stand there while it is typed
    f.input.readOnly = true;
    f.input.inputMode = "none";
    f.input.value = kept.marks[entry]?.[f.code] ?? f.input.value;
    f.input.addEventListener("focus", () => choose(f));
  }
  let at = fields[0]!;
  let sure = false;
  const say = (words: string) => (status.textContent = words);
  const choose = (f: Field) => {
    at = f;
    for (const x of fields) x.input.closest("label")?.classList.toggle("is-on", x === f);
  };

  const whole = (): Record<string, number> | undefined => {
    const out: Record<string, number> = {};
    for (const f of fields) {
      const v = hundredths(f.input.value);
      if (v === undefined) {
        choose(f);
        say(text("Missing"));
        return undefined;
      }
      const low = hundredths(f.input.min)!;
      const high = hundredths(f.input.max)!;
      if (v < low || v > high || (v - low) % hundredths(f.input.step)! !== 0) {
        choose(f);
        say(fill(text("Range"), { name: f.name, low: f.input.min, high: f.input.max, step: f.input.step }));
        return undefined;
      }
      out[f.code] = v;
    }
    return out;
  };
  const total = () => {
    const all = fields.map((f) => hundredths(f.input.value));
    if (all.some((v) => v === undefined)) return "";
    return show(
      fields.reduce((sum, f, i) => sum + all[i]! * f.weight, 0),
      Number(root.dataset.weight),
    );
  };
  const calm = () => {
    sure = false;
    button.textContent = text("Send");
  };
  const store = () => {
    const k = read(key);
    k.marks[entry] = Object.fromEntries(fields.map((f) => [f.code, f.input.value]));
    write(key, k);
  };
  const tap = (k: string) => {
    at.input.value = press(at.input.value, k);
    store();
    calm();
    const sum = total();
    say(sum ? `${fill(text("Total"), { total: sum })} · ${text("Kept")}` : text("Kept"));
  };

  const pad = root.querySelector<HTMLElement>("[data-keys]")!;
  for (const k of ["1", "2", "3", "4", "5", "6", "7", "8", "9", ".", "0", ""]) {
    const b = document.createElement("button");
    b.type = "button";
    b.textContent = k || "⌫";
    b.dataset.key = k;
    if (k === "") b.setAttribute("aria-label", text("Erase"));
    if (k === ".") b.setAttribute("aria-label", text("Point"));
    b.addEventListener("click", () => tap(k));
    pad.append(b);
  }
  root.addEventListener("keydown", (e) => {
    if (!(e.target instanceof HTMLInputElement)) return;
    if (/^[\d.]$/.test(e.key)) tap(e.key);
    else if (e.key === "Backspace") tap("");
    else return;
    e.preventDefault();
  });
  root.classList.add("has-keys");
  choose(fields.find((f) => !f.input.value) ?? at);
  if (total()) say(fill(text("Total"), { total: total() }));

  const url = root.dataset.url ?? "";
  if (!url) return; // practice: the form itself is sent
  const head = () => headers(document);
  const go = keep(key, head, (which, what) => {
    if (which !== entry) return;
    if (what === "sent") done();
    else {
      say(what);
      calm();
      lock(false);
    }
  });
  const lock = (on: boolean) => {
    button.disabled = on;
    pad.querySelectorAll("button").forEach((b) => (b.disabled = on));
  };
  const done = () => {
    lock(true);
    button.textContent = "✓";
    say(fill(text("Sent"), { total: total() }));
    root.dataset.sent = "";
  };
  const waiting = () => {
    lock(true);
    say(text("Queued"));
  };
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    const marks = whole();
    if (!marks) return;
    if (!sure) {
      sure = true;
      button.textContent = text("Sure");
      say(`${fill(text("Total"), { total: total() })} · ${text("Again")}`);
      return;
    }
    const k = read(key);
    const s: Sending = { url, round: Number(root.dataset.round), marks };
    k.queue[entry] = s;
    write(key, k);
    if (navigator.onLine) say(text("Sending"));
    else waiting();
    lock(true);
    go();
    setTimeout(() => read(key).queue[entry] && waiting(), 3000);
  });
  if (kept.queue[entry]) {
    waiting();
    go();
  }
}

/** list tells how much waits, and sends it. */
export function list(root: HTMLElement): void {
  const key = root.dataset.key ?? "";
  const tell = () => {
    const n = Object.keys(read(key).queue).length;
    root.textContent = n ? fill(root.dataset.tWaits ?? "", { n }) : "";
  };
  tell();
  const go = keep(key, () => headers(document), (_, what) => {
    tell();
    if (what === "sent") location.reload();
  });
  go();
}

/** remember has the pages of this round ready for when there is no network. */
export async function remember(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register("/judge/sw.js", { scope: "/judge/", type: "module" });
  const worker = await navigator.serviceWorker.ready;
  const own = [...document.querySelectorAll<HTMLAnchorElement>("[data-judge-list] a, .links a")].map((a) => a.pathname).filter((p) => p.startsWith("/judge/"));
  const parts = [...document.querySelectorAll<HTMLScriptElement | HTMLLinkElement>("script[src], link[rel=stylesheet], link[rel=icon]")].map((e) => ("src" in e ? e.src : e.href));
  const chunks = performance.getEntriesByType("resource").map((e) => e.name).filter((n) => n.includes("/static/"));
  worker.active?.postMessage([...new Set([location.pathname, ...own, ...parts, ...chunks])]);
}

ready("[data-judge-card]", card);
ready("[data-judge-status]", (el) => {
  list(el);
  void remember().catch(() => undefined); // a plain address has none, and works while it stays open
});
