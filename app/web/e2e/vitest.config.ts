import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Browser tests: one server on a fresh demo database, one Chromium, tests in turn.
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["e2e/**/*.test.ts"],
    environment: "node",
    globalSetup: "e2e/_server.ts",
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
