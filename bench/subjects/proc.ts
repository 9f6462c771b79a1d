// CPU time and memory of processes, by /proc.
import { readFileSync } from "node:fs";
import { descendants } from "../../dev/stack/processes.ts";
import { cpuMs } from "../weight.ts";

/**
 * CPU time of Postgres so far: of the backends that serve clients, and of its lasting processes (the writers of log and pages). Workers
 * of autovacuum are left out: they end within a measurement.
 */
export function postgresCpu(postmaster: number): { readonly backends: number; readonly helpers: number } {
  let [backends, helpers] = [0, cpuMs(postmaster)];
  for (const { pid, command } of descendants(postmaster)) {
    // A backend's title has its client's address behind user and database.
    if (/^postgres: \S+ \S+ \S+\(\d+\)/.test(command)) backends += cpuMs(pid);
    else if (!command.includes("autovacuum worker")) helpers += cpuMs(pid);
  }
  return { backends, helpers };
}

/** Resident memory of a process. `file`: pages of its program, which it shares with all processes of the same program. */
export function memoryOf(pid: number): { readonly bytes: number; readonly fileBytes: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
  return { bytes: kib("VmRSS") * 1024, fileBytes: kib("RssFile") * 1024 };
}
