// Starts bin/youyue (or YOUYUE_BIN) in demo mode on a random loopback port
// with a fresh SQLite file, once for all browser tests, and stops it after.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    baseURL: string;
  }
}

const READY_MS = 30_000;

const freePort = () =>
  new Promise<number>((done, fail) => {
    const s = createServer().once("error", fail);
    s.listen(0, "127.0.0.1", () => {
      const { port } = s.address() as AddressInfo;
      s.close(() => done(port));
    });
  });

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const bin = resolve(process.env.YOUYUE_BIN ?? "../../bin/youyue");
  if (!existsSync(bin)) throw new Error(`${bin} is missing: run "make build" first, or name the program in YOUYUE_BIN`);
  const dir = mkdtempSync(join(tmpdir(), "youyue-e2e-"));
  const listen = `127.0.0.1:${await freePort()}`;
  const baseURL = `http://${listen}`;

  const server = spawn(bin, ["serve"], {
    cwd: dir,
    env: {
      PATH: process.env.PATH ?? "",
      HOME: dir,
      YOUYUE_LISTEN: listen,
      YOUYUE_BASE_URL: baseURL,
      YOUYUE_DATABASE_URL: `sqlite:${join(dir, "youyue.db")}`,
      YOUYUE_DEMO: "true",
      YOUYUE_RATE_LIMIT: "off",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  const keep = (b: Buffer) => {
    log = (log + b.toString()).slice(-20_000);
  };
  server.stdout.on("data", keep);
  server.stderr.on("data", keep);
  const ended = new Promise<void>((done) => server.once("exit", () => done()));

  const until = Date.now() + READY_MS;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`youyue serve ended with ${server.exitCode}:\n${log}`);
    if (Date.now() > until) throw new Error(`youyue serve was not ready after ${READY_MS} ms:\n${log}`);
    const ok = await fetch(`${baseURL}/readyz`).then(
      (r) => r.ok,
      () => false,
    );
    if (ok) break;
    await new Promise((r) => setTimeout(r, 100));
  }

  project.provide("baseURL", baseURL);
  return async () => {
    server.kill("SIGTERM");
    const late = setTimeout(() => server.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(late);
    rmSync(dir, { recursive: true, force: true });
    if (/panic:|"level":"ERROR"|level=ERROR/.test(log)) console.error(`the server logged errors:\n${log}`);
  };
}
