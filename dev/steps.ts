// The checks that `npm run check` and `npm test` are made of. Each is one run of a tool, counted.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { binDir, root } from "../cli/local/paths.ts";
import { bundle } from "./stack/bundle.ts";

/** Result of a step. A tool that is not a test runner counts as one test. */
type Count = { passed: number; failed: number; skipped: number };

/** A named step. */
type Step = { title: string; run: () => Promise<Count> };

/**
 * Cap on the built Worker, gzipped, a little above its present size, so that a careless import shows. A third of the
 * Worker is the numbering plans of all countries, CEL, Liquid, zod and the driver; a tenth the presets and what
 * explains their signatures; a fifth the pages with htmx, the charts and the page of evidence bundles; 36 KiB the API's
 * description with its examples; 14 KiB HTML's 2,231 named entities; 7 KiB Papa Parse, which writes CSV.
 */
const bundleBytesMax = 740 * 1024;

/** Formatting and lints. */
export const lint: Step = { title: "biome", run: () => tool("biome", ["check", "--error-on-warnings"]) };

/** Types. */
export const types: Step = { title: "tsc", run: () => tool("tsc", ["--noEmit", "-p", "."]) };

/** Tests without a database. */
export const unit: Step = { title: "unit tests", run: () => vitest("unit") };

/** Tests with Postgres and workerd. */
export const whole: Step = { title: "tests of the whole", run: () => vitest("whole") };

/** `wrangler deploy --dry-run`, and the weight of what it built. */
export const deployable: Step = {
  title: "wrangler deploy --dry-run",
  async run() {
    const { gzipBytes } = await bundle();
    const fits = gzipBytes <= bundleBytesMax;
    console.log(`the Worker: ${kib(gzipBytes)} gzipped, of ${kib(bundleBytesMax)} at most${fits ? "" : ": too much"}`);
    return fits ? one("passed") : one("failed");
  },
};

/**
 * Runs the steps one after another, all of them even when one fails, and prints `N passed, N failed, N skipped` as the
 * last line. Gives the exit code.
 */
export async function runSteps(steps: readonly Step[]): Promise<number> {
  const total: Count = { passed: 0, failed: 0, skipped: 0 };
  const failures: string[] = [];
  for (const step of steps) {
    console.log(`\n── ${step.title}`);
    const began = performance.now();
    const count = await step.run().catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : String(error));
      return one("failed");
    });
    total.passed += count.passed;
    total.failed += count.failed;
    total.skipped += count.skipped;
    if (count.failed > 0) failures.push(step.title);
    console.log(`   ${count.failed > 0 ? "failed" : "good"} in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }
  if (failures.length > 0) console.log(`\nfailed: ${failures.join(", ")}`);
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return total.failed > 0 ? 1 : 0;
}

async function tool(name: string, args: string[]): Promise<Count> {
  return (await run(join(binDir, name), args)) === 0 ? one("passed") : one("failed");
}

const report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  numFailedTestSuites: z.number(),
  success: z.boolean(),
});

async function vitest(project: string): Promise<Count> {
  const dir = mkdtempSync(join(tmpdir(), "hookline-test-"));
  const file = join(dir, "report.json");
  try {
    const code = await run(join(binDir, "node"), [
      join(root, "node_modules", "vitest", "vitest.mjs"),
      "run",
      `--project=${project}`,
      "--passWithNoTests",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${file}`,
    ]);
    if (!existsSync(file)) return code === 0 ? { passed: 0, failed: 0, skipped: 0 } : one("failed");
    const said = report.parse(JSON.parse(readFileSync(file, "utf8")));
    // A file that could not be loaded, or a failed setup, fails no test and is a failure all the same.
    const failed = Math.max(said.numFailedTests, code === 0 ? 0 : 1);
    return { passed: said.numPassedTests, failed, skipped: said.numPendingTests + said.numTodoTests };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function run(command: string, args: string[]): Promise<number> {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: "inherit" });
    child.on("error", (error) => {
      console.error(error.message);
      done(1);
    });
    child.on("exit", (code) => done(code ?? 1));
  });
}

function one(what: keyof Count): Count {
  return { passed: 0, failed: 0, skipped: 0, [what]: 1 };
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
