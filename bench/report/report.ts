// The table on stdout and bench/results.json.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { root } from "../../cli/local/paths.ts";

/** One row. `ok` is null without a goal. */
export type Row = { what: string; goal: string; measured: string; ok: boolean | null };

/** The machine's load in the minute before the run. */
const loadBefore = loadavg()[0] ?? 0;
/** A higher load means that other work runs on the machine. */
const quietLoadMax = 0.5;

/** Warns if the machine was busy before the run. */
export function warnIfBusy(): void {
  if (loadBefore <= quietLoadMax) return;
  console.error(`bench: the machine is busy (load ${loadBefore.toFixed(1)}): do not quote these figures`);
}

/** The hardware and versions behind the figures, without names or paths of the machine. */
export function machine(postgresVersion: string) {
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    workerd: versionOf("workerd"),
    postgres: postgresVersion,
    loadBefore,
  };
}

/** Prints the rows in columns. */
export function printTable(rows: readonly Row[]): void {
  const lines = [
    ["", "goal", "measured", ""],
    ...rows.map(({ what, goal, measured, ok }) => [what, goal, measured, verdict(ok)]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  for (const line of lines) {
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  }
}

/** Writes `bench/results.json`. */
export function writeResults(results: unknown): void {
  writeFileSync(join(root, "bench", "results.json"), `${JSON.stringify(results, rounded, 2)}\n`);
}

function verdict(ok: boolean | null): string {
  if (ok === null) return "";
  return ok ? "ok" : "MISS";
}

// Three decimals say more than the measurements do.
function rounded(_: string, value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 1000) / 1000 : value;
}

function versionOf(name: string): string {
  const text = readFileSync(join(root, "node_modules", name, "package.json"), "utf8");
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? "unknown";
}
