import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** One process of this machine. */
type ProcessInfo = { pid: number; parent: number; command: string };

/** True while a process with this id exists and has not ended (a zombie has). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  const stat = procFile(pid, "stat");
  if (stat === undefined) return false;
  return stat
    .slice(stat.lastIndexOf(")") + 1)
    .trimStart()
    .startsWith("Z");
}

/** The command line of a process, joined by blanks; undefined if the process does not exist. */
export function commandOf(pid: number): string | undefined {
  if (existsSync("/proc/self")) return procFile(pid, "cmdline")?.split("\0").join(" ").trim();
  try {
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return undefined;
  }
}

/** Resident memory of a process in bytes; 0 if it is gone. */
export function residentBytes(pid: number): number {
  if (existsSync("/proc/self")) {
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(procFile(pid, "status") ?? "")?.[1];
    return kib === undefined ? 0 : Number(kib) * 1024;
  }
  try {
    return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8", stdio: "pipe" })) * 1024;
  } catch {
    return 0;
  }
}

/** All processes below `pid`, parents before their children. */
export function descendants(pid: number): ProcessInfo[] {
  const all = listProcesses();
  const found: ProcessInfo[] = [];
  const parents = [pid];
  for (let parent = parents.shift(); parent !== undefined; parent = parents.shift()) {
    for (const each of all) {
      if (each.parent !== parent) continue;
      found.push(each);
      parents.push(each.pid);
    }
  }
  return found;
}

// Small container images have no `ps`, so Linux is read from /proc.
function listProcesses(): ProcessInfo[] {
  if (!existsSync("/proc/self")) return listByPs();
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? procFile(pid, "stat") : undefined;
    if (stat === undefined) return [];
    const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return [{ pid, parent: Number(parent), command: commandOf(pid) ?? "" }];
  });
}

function listByPs(): ProcessInfo[] {
  const out = execFileSync("ps", ["-A", "-ww", "-o", "pid=,ppid=,command="], { encoding: "utf8", maxBuffer: 64 << 20 });
  return out.split("\n").flatMap((line) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid && parent ? [{ pid: Number(pid), parent: Number(parent), command: command ?? "" }] : [];
  });
}

/** Sends a signal. A process that is already gone is not an error. */
export function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Waits until the process is gone. Returns false if it still exists after `limitMs`. */
export async function waitGone(pid: number, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (isAlive(pid)) {
    if (performance.now() > end) return false;
    await sleep(20);
  }
  return true;
}

function procFile(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return undefined;
  }
}
