// The scanner of a session's door, which goes on without a line. While there is one
// it takes the list along, and some places for people who come without a sign-up,
// under an ECDSA P-256 key that never leaves the device. Each scan is decided on the
// list, kept in the browser's database, and sent once there is a line again: signed,
// in order, and under its own nonce, so that sending twice counts once. List, key and
// scans outlive a reload, and a service worker has the page itself ready for one.
import { fill } from "./_text";

export interface Pass {
  nonce: string;
  kind: "in" | "walk_in";
  code: string;
  heads: number;
  at: string;
}

export interface Person {
  code: string;
  name: string;
  party: number;
  in: number;
}

export interface Lent {
  until: string;
  places: number;
  used: number;
  people: Person[];
}

/** Door is what a device keeps of a session, from taking the list along to its last scan sent. */
interface Door {
  session: number;
  device: string;
  keys: CryptoKeyPair;
  lent?: Lent;
  passes: Pass[];
}

// A device forgets the list, and the names on it, a day after it was of use.
const forgetAfter = 24 * 3600 * 1000;

const asked = <T>(r: IDBRequest<T>) =>
  new Promise<T>((done, fail) => {
    r.onsuccess = () => done(r.result);
    r.onerror = () => fail(r.error);
  });

async function doors(mode: IDBTransactionMode): Promise<IDBObjectStore> {
  const open = indexedDB.open("youyue-scanner", 1);
  open.onupgradeneeded = () => open.result.createObjectStore("doors", { keyPath: "session" });
  return (await asked(open)).transaction("doors", mode).objectStore("doors");
}

/** recall is what the device has of a session; what is long over is forgotten. */
async function recall(session: number): Promise<Door | undefined> {
  const all = (await asked((await doors("readonly")).getAll())) as Door[];
  for (const d of all) {
    if (!d.passes.length && d.lent && Date.parse(d.lent.until) + forgetAfter < Date.now()) await asked((await doors("readwrite")).delete(d.session));
  }
  return all.find((d) => d.session === session && (d.passes.length > 0 || usable(d.lent)));
}

/** usable reports whether a list may still be worked with. */
export const usable = (lent: Lent | undefined, at = Date.now()) => lent !== undefined && Date.parse(lent.until) > at;

const remember = async (d: Door) => void (await asked((await doors("readwrite")).put(d)));

/** ready has this page at hand for a reload without a line. */
async function ready(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register("/sessions/sw.js", { scope: location.pathname, type: "module" });
  const worker = (await navigator.serviceWorker.ready).active;
  const parts = [...document.querySelectorAll<HTMLScriptElement | HTMLLinkElement>("script[src], link[rel=stylesheet], link[rel=icon]")].map((e) => ("src" in e ? e.src : e.href));
  const chunks = performance.getEntriesByType("resource").map((e) => e.name).filter((n) => n.includes("/static/"));
  worker?.postMessage([...new Set([location.pathname, ...parts, ...chunks])]);
}

/** text is what a device signs; the server builds the same lines. */
export function text(session: number, device: string, passes: Pass[]): string {
  return `youyue-scans-v1|${session}|${device}\n` + passes.map((p) => `${p.nonce}|${p.kind}|${clean(p.code)}|${p.heads}|${p.at}\n`).join("");
}

export function clean(code: string): string {
  return code.replace(/[\s-]/g, "").toUpperCase();
}

/** decide lets a party in by the list that was taken along, once. */
export function decide(lent: Lent, code: string): { outcome: "in" | "again" | "unknown"; person?: Person; heads: number } {
  const person = lent.people.find((p) => p.code === clean(code));
  if (!person) return { outcome: "unknown", heads: 0 };
  if (person.in >= person.party) return { outcome: "again", person, heads: 0 };
  const heads = person.party - person.in;
  person.in = person.party;
  return { outcome: "in", person, heads };
}

const base64 = (b: ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(b)));
/** now is a moment as the server writes it: UTC with microseconds. */
export const now = () => new Date().toISOString().replace(/Z$/, "000Z");

async function post<T>(path: string, body: unknown): Promise<T> {
  const res = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal: AbortSignal.timeout(8000) });
  if (!res.ok) throw new Error(String(res.status));
  return (await res.json()) as T;
}

interface Sent {
  items: { nonce: string; outcome: string; name?: string; at: string; first?: { device: string; at: string } }[];
  arrived: number;
}

const batchOf = 200;

export async function start(root: HTMLElement): Promise<void> {
  const session = Number(root.dataset.offline);
  const say = (key: string, args: Record<string, string | number> = {}) => fill(root.dataset[`t${key}`] ?? "", args);
  const said = root.querySelector<HTMLElement>("[data-said]");
  const count = root.querySelector<HTMLElement>("[data-count]");
  const doubles = root.querySelector<HTMLElement>("[data-doubles]");
  const form = root.querySelector("form");
  if (!said || !count || !doubles || !form) return;
  const tell = (words: string) => (said.textContent = words);
  root.querySelector("p")?.remove();

  const door: Door = (await recall(session).catch(() => undefined)) ?? {
    session,
    device: `scanner-${crypto.randomUUID().slice(0, 8)}`,
    keys: await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]),
    passes: [],
  };
  // A browser that keeps nothing works on for as long as the page stays open.
  const save = () => remember(door).catch(() => undefined);
  const clock = (at: string) => new Date(at).toLocaleTimeString();

  const show = () => (count.textContent = door.passes.length ? say("Kept", { n: door.passes.length }) : "");
  const keep = (p: Pass) => {
    door.passes.push(p);
    show();
    void save().then(send);
  };
  /** report names both scans of a party that was let in twice, and who came on places that are gone; it stays on the page. */
  const report = (x: Sent["items"][number]) => {
    const line = document.createElement("li");
    if (x.outcome === "double" && x.first) line.textContent = say("Double", { name: x.name ?? "", device: x.first.device, at: clock(x.first.at), own: clock(x.at) });
    else if (x.outcome === "late" || x.outcome === "full") line.textContent = say("Late", { at: clock(x.at) });
    else return;
    doubles.append(line);
  };
  let sending = false;
  const send = async () => {
    if (sending || !door.passes.length) return;
    sending = true;
    try {
      while (door.passes.length) {
        const part = door.passes.slice(0, batchOf);
        const sum = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, door.keys.privateKey, new TextEncoder().encode(text(session, door.device, part)));
        const got = await post<Sent>("/api/v1/checkins/batch", { device: door.device, session_id: session, scans: part, signature: base64(sum) });
        door.passes = door.passes.slice(part.length);
        await save();
        show();
        got.items.forEach(report);
        if (!door.passes.length) count.textContent = say("Sent", { n: part.length, arrived: got.arrived });
      }
    } catch {
      show(); // no line yet: the next scan or tick tries again
    } finally {
      sending = false;
    }
  };

  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = say("Take");
  root.prepend(button);
  const work = (lent: Lent) => {
    tell(say("Taken", { n: lent.people.length, until: clock(lent.until), places: lent.places - lent.used }));
    form.hidden = false;
    button.hidden = true;
    form.querySelector("input")?.focus();
  };
  button.addEventListener("click", async () => {
    try {
      const key = base64(await crypto.subtle.exportKey("spki", door.keys.publicKey));
      door.lent = await post<Lent>("/api/v1/checkins/leases", { device: door.device, session_id: session, public_key: key, places: 5 });
      await save();
      work(door.lent);
    } catch {
      tell(say("Failed"));
    }
  });
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    const input = form.querySelector<HTMLInputElement>("[name=code]");
    if (!door.lent || !input?.value.trim()) return;
    const code = clean(input.value);
    const d = decide(door.lent, code);
    const args = { name: d.person?.name ?? "", n: d.heads };
    tell(d.outcome === "in" ? say("In", args) : d.outcome === "again" ? say("Again", args) : say("Unknown"));
    if (d.outcome !== "unknown") keep({ nonce: crypto.randomUUID(), kind: "in", code, heads: d.heads, at: now() });
    input.value = "";
    input.focus();
  });
  form.querySelector("[data-walkin]")?.addEventListener("click", () => {
    if (!door.lent) return;
    if (door.lent.used >= door.lent.places) return void tell(say("Full"));
    door.lent.used++;
    tell(say("Walkin", { n: 1, left: door.lent.places - door.lent.used }));
    keep({ nonce: crypto.randomUUID(), kind: "walk_in", code: "", heads: 1, at: now() });
  });
  if (usable(door.lent)) work(door.lent as Lent);
  show();
  addEventListener("online", () => void send());
  setInterval(() => void send(), 5000);
  void send();
  void ready().catch(() => undefined); // a plain address has none, and works while it stays open
}

const root = document.querySelector<HTMLElement>("[data-offline]");
if (root) void start(root);
