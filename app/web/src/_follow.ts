// Following something on the server: it is pushed while the line stands
// (server-sent events), and asked for every so often while it does not, or where
// the browser or a proxy on the way knows no pushing. A page that nobody looks
// at follows nothing.

/** Source is what of an EventSource is used. */
export interface Source {
  onopen: (() => void) | null;
  onerror: (() => void) | null;
  onmessage: ((e: { data: string; lastEventId: string }) => void) | null;
  readyState: number;
  close(): void;
}

export interface What {
  /** url of the stream, "" where there is none. */
  url: string;
  /** version that the page shows, "" when it does not know. */
  version: string;
  /** take the state that was pushed. */
  take: (data: string) => void;
  /** ask for the state. */
  poll: () => void;
  /** milliseconds between two asks. */
  every: number;
  open?: ((url: string) => Source) | undefined;
}

export interface Following {
  stop(): void;
}

const CLOSED = 2; // the server refused: the browser does not try again
const AGAIN = 6; // polls until we do

const browser = globalThis.EventSource ? (url: string) => new EventSource(url) as Source : undefined;

export function follow(what: What): Following {
  const open = what.open ?? browser;
  let { version } = what;
  let source: Source | undefined;
  let live = false;
  let waited = 0;

  const close = () => {
    source?.close();
    source = undefined;
    live = false;
  };
  const connect = () => {
    if (!open || !what.url) return;
    close();
    const s = open(version ? `${what.url}?version=${version}` : what.url);
    source = s;
    s.onopen = () => (live = true);
    s.onerror = () => {
      live = false;
      waited = 0;
    };
    s.onmessage = (e) => {
      version = e.lastEventId;
      what.take(e.data);
    };
  };
  const visible = () => document.visibilityState === "visible";
  const tick = () => {
    if (live || !visible()) return;
    if (source?.readyState === CLOSED && ++waited >= AGAIN) connect();
    what.poll();
  };
  const look = () => {
    close();
    if (!visible()) return;
    connect();
    if (!source) what.poll();
  };

  const timer = setInterval(tick, what.every);
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", close);
  if (visible()) connect();
  return {
    stop: () => {
      close();
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
      removeEventListener("pagehide", close);
    },
  };
}
