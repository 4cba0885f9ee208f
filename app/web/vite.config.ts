import { readdirSync } from "node:fs";
import { defineConfig } from "vitest/config";

// Every file in src that is no test, type or part (_name.ts) is an island of
// its own: pages load only what they use. The Go side hashes the entry names.
const islands = readdirSync("src").filter((f) => /^[a-z]\w*\.ts$/.test(f));

export default defineConfig({
  base: "./",
  build: {
    outDir: "dist",
    emptyOutDir: false,
    modulePreload: false,
    target: "es2022",
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: Object.fromEntries(islands.map((f) => [f.replace(/\.ts$/, ""), `src/${f}`])),
      output: {
        entryFileNames: "js/[name].js",
        chunkFileNames: "js/chunks/[name]-[hash].js",
        assetFileNames: "js/chunks/[name]-[hash][extname]",
      },
    },
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.ts"] },
});
