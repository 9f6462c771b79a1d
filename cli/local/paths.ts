import { mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout's root directory, absolute, wherever the command was called from. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** The programs that the packages brought along. */
export const binDir = join(root, "node_modules", ".bin");

/** What a start keeps between runs: the database, keys, the objects' storage. Never committed. */
export const stateDir = join(root, ".hookline");

/** What a running start tells scripts. */
export const devFile = join(stateDir, "dev.json");

/** Makes a directory that only this user may enter, with its parents, and gives its path back. */
export function privateDir(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}
