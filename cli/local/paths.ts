import { mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout's root directory, absolute, whatever the working directory. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** The programs of the installed packages. */
export const binDir = join(root, "node_modules", ".bin");

/**
 * State that `npm start` keeps between runs: the database, keys, the objects' storage. Never committed.
 * `HOOKLINE_STATE_DIR` names another directory, for a second instance on one machine. The command line and
 * `npm run send` then use that instance.
 */
export const stateDir = resolve(process.env.HOOKLINE_STATE_DIR || join(root, ".hookline"));

/** The file of a running `npm start` for scripts. */
export const devFile = join(stateDir, "dev.json");

/** Creates a directory, with its parents, that only this user may enter. @returns Its path. */
export function privateDir(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}
