// The scanner of a session's door, which goes on without a line. While there is one
// it takes the list along, and some places for people who come without a sign-up,
// under an ECDSA P-256 key that never leaves the device. Each scan is decided on the
// list, kept in the browser, and sent once there is a line again: signed, in order,
// and under its own nonce, so that sending twice counts once.
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
  items: { nonce: string; outcome: string; name?: string; first?: { device: string; at: string } }[];
  arrived: number;
}

const batchOf = 200;

export async function start(root: HTMLElement): Promise<void> {
  const session = Number(root.dataset.offline);
  const say = (key: string, args: Record<string, string | number> = {}) => fill(root.dataset[`t${key}`] ?? "", args);
  const said = root.querySelector<HTMLElement>("[data-said]");
  const count = root.querySelector<HTMLElement>("[data-count]");
  const form = root.querySelector("form");
  if (!said || !count || !form) return;
  const tell = (words: string) => (said.textContent = words);
  root.querySelector("p")?.remove();

  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const device = `scanner-${crypto.randomUUID().slice(0, 8)}`;
  let lent: Lent | undefined;
  let kept: Pass[] = [];

  const show = () => (count.textContent = kept.length ? say("Kept", { n: kept.length }) : "");
  const keep = (p: Pass) => {
    kept.push(p);
    show();
    void send();
  };
  let sending = false;
  const send = async () => {
    if (sending || !kept.length) return;
    sending = true;
    try {
      while (kept.length) {
        const part = kept.slice(0, batchOf);
        const sum = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, keys.privateKey, new TextEncoder().encode(text(session, device, part)));
        const got = await post<Sent>("/api/v1/checkins/batch", { device, session_id: session, scans: part, signature: base64(sum) });
        kept = kept.slice(part.length);
        show();
        const double = got.items.find((x) => x.outcome === "double");
        if (double?.first) tell(say("Double", { name: double.name ?? "", device: double.first.device, at: new Date(double.first.at).toLocaleTimeString() }));
        if (!kept.length) count.textContent = say("Sent", { n: part.length, arrived: got.arrived });
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
  button.addEventListener("click", async () => {
    try {
      const key = base64(await crypto.subtle.exportKey("spki", keys.publicKey));
      lent = await post<Lent>("/api/v1/checkins/leases", { device, session_id: session, public_key: key, places: 5 });
      tell(say("Taken", { n: lent.people.length, until: new Date(lent.until).toLocaleTimeString(), places: lent.places }));
      form.hidden = false;
      button.hidden = true;
      form.querySelector("input")?.focus();
    } catch {
      tell(say("Failed"));
    }
  });
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    const input = form.querySelector<HTMLInputElement>("[name=code]");
    if (!lent || !input?.value.trim()) return;
    const code = clean(input.value);
    const d = decide(lent, code);
    const args = { name: d.person?.name ?? "", n: d.heads };
    tell(d.outcome === "in" ? say("In", args) : d.outcome === "again" ? say("Again", args) : say("Unknown"));
    if (d.outcome !== "unknown") keep({ nonce: crypto.randomUUID(), kind: "in", code, heads: d.heads, at: now() });
    input.value = "";
    input.focus();
  });
  form.querySelector("[data-walkin]")?.addEventListener("click", () => {
    if (!lent) return;
    if (lent.used >= lent.places) return void tell(say("Full"));
    lent.used++;
    tell(say("Walkin", { n: 1, left: lent.places - lent.used }));
    keep({ nonce: crypto.randomUUID(), kind: "walk_in", code: "", heads: 1, at: now() });
  });
  addEventListener("online", () => void send());
  setInterval(() => void send(), 5000);
}

const root = document.querySelector<HTMLElement>("[data-offline]");
if (root) void start(root);
