import { defineConfig } from "vitest/config";

// What needs a database or the Worker: the rest runs in seconds, in `npm run check`.
const whole = [
  "test/whole/**/*.test.{ts,tsx}",
  "test/store/**/*.test.{ts,tsx}",
  "test/steps/**/*.test.{ts,tsx}",
  "test/docs/commands.test.ts",
];

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          ...{ name: "unit", include: ["test/**/*.test.{ts,tsx}"], exclude: whole, testTimeout: 30_000 },
          // By default one core is left alone: on two cores the files would run one after another.
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        // The objects' base class, which only workerd has: the harness of the steps brings a runtime of its own.
        resolve: { alias: { "cloudflare:workers": new URL("test/runtime/workers.ts", import.meta.url).pathname } },
        test: {
          name: "whole",
          include: whole,
          globalSetup: "test/setup.ts",
          setupFiles: "test/answers.ts",
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Most of a test's time is waiting, for a ring or a deadline: three files share two cores well.
          maxWorkers: 3,
        },
      },
    ],
  },
});
