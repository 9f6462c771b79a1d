import { linkSync, rmSync } from "node:fs";
import { readIfThere, writePrivate } from "../../cli/local/files.ts";
import { commandOf, isAlive } from "./processes.ts";

/**
 * Takes a lock file that names this process. Gives a function that releases it, or the pid of its holder: a live process that runs
 * `script`. The lock of a killed process does not count.
 */
export function takeLock(path: string, script: string): { release: () => void } | { heldBy: number } {
  for (;;) {
    if (tryTake(path)) return { release: () => rmSync(path, { force: true }) };
    const pid = Number(readIfThere(path));
    if (pid > 0 && pid !== process.pid && isAlive(pid) && (commandOf(pid) ?? "").includes(script))
      return { heldBy: pid };
    rmSync(path, { force: true });
  }
}

// A hard link is atomic, and fails if the file exists.
function tryTake(path: string): boolean {
  const mine = `${path}.${process.pid}`;
  writePrivate(mine, String(process.pid));
  try {
    linkSync(mine, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}
