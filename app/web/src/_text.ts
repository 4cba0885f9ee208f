export type Args = Record<string, string | number>;

/** fill puts args into a text from the locale files: {name}, and {n:seat|seats}
 * which takes the first form when n is 1. The same rule as locales.Fill in Go. */
export function fill(text: string, args: Args): string {
  return text.replace(/\{([a-z][a-z0-9_]*)(?::([^|{}]*)\|([^|{}]*))?\}/g, (all, name: string, one?: string, many?: string) => {
    const v = args[name];
    if (v === undefined) return all;
    if (one === undefined) return String(v);
    return String(v) === "1" ? one : (many ?? "");
  });
}

/** ready runs an island on every element that asks for it, once. */
export function ready(selector: string, enhance: (root: HTMLElement) => void): void {
  document.querySelectorAll<HTMLElement>(selector).forEach((el) => enhance(el));
}
