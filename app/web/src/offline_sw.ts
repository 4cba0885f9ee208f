// The service worker of pages that go on without a line: those of judges (scope
// /judge/) and the scanner of a door (scope /sessions/7/scanner), and no others.
// The network first, and what was seen last while there is none. It answers GETs;
// marks and scans go their own way, see _marks.ts and scanner.ts.
const kept = "offline-1";

interface Waits {
  waitUntil(p: Promise<unknown>): void;
}
type Fetching = Event & Waits & { request: Request; respondWith(r: Promise<Response>): void };
type Telling = Event & Waits & { data: string[] };
interface Worker {
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  registration: { scope: string };
  addEventListener(kind: string, f: (e: never) => void): void;
}
const worker = globalThis as unknown as Worker;

worker.addEventListener("install", (e: Event & Waits) => e.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (e: Event & Waits) => e.waitUntil(worker.clients.claim()));

/** The page hands over the addresses of its round. */
worker.addEventListener("message", (e: Telling) =>
  e.waitUntil(
    caches.open(kept).then(async (c) => {
      for (const url of e.data) await c.add(url).catch(() => undefined);
    }),
  ),
);

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(kept);
  try {
    const fresh = await fetch(request);
    if (fresh.ok && !fresh.redirected) await cache.put(request, fresh.clone());
    return fresh;
  } catch (e) {
    const old = await cache.match(request, { ignoreVary: true, ignoreSearch: request.mode === "navigate" });
    if (old) return old;
    throw e;
  }
}

worker.addEventListener("fetch", (e: Fetching) => {
  const path = new URL(e.request.url).pathname;
  if (e.request.method === "GET" && (path.startsWith(new URL(worker.registration.scope).pathname) || path.startsWith("/static/"))) e.respondWith(answer(e.request));
});

export {};
