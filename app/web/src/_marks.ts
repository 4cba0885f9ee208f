// What a judge's phone keeps: marks at each tap, and what still has to be sent.
// It lies in localStorage under the judge's own key, so that neither a reload
// nor an hour without network loses a tap.

export type Marks = Record<string, string>;

export interface Kept {
  marks: Record<string, Marks>; // by entry, as typed
  queue: Record<string, Sending>; // by entry: sent by the judge, not yet taken
}

export interface Sending {
  url: string;
  round: number;
  marks: Record<string, number>; // hundredths
}

export function read(key: string, store: Storage = localStorage): Kept {
  try {
    const k = JSON.parse(store.getItem(key) ?? "{}") as Partial<Kept>;
    return { marks: k.marks ?? {}, queue: k.queue ?? {} };
  } catch {
    return { marks: {}, queue: {} };
  }
}

export function write(key: string, kept: Kept, store: Storage = localStorage): void {
  store.setItem(key, JSON.stringify(kept));
}

/** hundredths reads a typed mark: "9.5" is 950; undefined when it is none. */
export function hundredths(typed: string): number | undefined {
  const m = /^(\d{1,3})(?:\.(\d{0,2}))?$/.exec(typed);
  return m ? Number(m[1]) * 100 + Number((m[2] ?? "").padEnd(2, "0")) : undefined;
}

/** show writes a mean of hundredths, two decimals, half up, as the server does. */
export function show(sum: number, weight: number): string {
  const n = Math.floor((2 * sum + weight) / (2 * weight));
  return `${Math.floor(n / 100)}.${String(n % 100).padStart(2, "0")}`;
}

/** press is what a key does to a typed mark: a digit, the point, or "" to erase. */
export function press(typed: string, key: string): string {
  if (key === "") return typed.slice(0, -1);
  const next = typed + key;
  return /^\d{1,3}(\.\d{0,2})?$/.test(next) ? next : typed;
}

export type Answer = "sent" | "later" | { refused: string };

/** send puts the marks of one entry. Sent again it is answered as it stands, so
 * whatever had no answer may be repeated. */
export async function send(entry: string, s: Sending, headers: Record<string, string>, fetcher: typeof fetch = fetch): Promise<Answer> {
  let r: Response;
  try {
    r = await fetcher(s.url, {
      method: "PUT",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify({ round_id: s.round, entry_id: Number(entry), marks: s.marks }),
    });
  } catch {
    return "later";
  }
  if (r.ok) return "sent";
  if (r.status >= 500 || r.status === 429) return "later";
  const problem = (await r.json().catch(() => ({}))) as { detail?: string };
  return { refused: problem.detail ?? String(r.status) };
}
