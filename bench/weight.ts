// The Worker's size, and its start: from process to first response, beside the floors' Worker.
import { readFileSync } from "node:fs";
import type { Workerd } from "../dev/stack/workerd.ts";
import { median } from "./load/load.ts";

export type Start = { toFirstAnswerMs: number; cpuMs: number };

const starts = 5;
/** Linux counts a process's time in hundredths of a second, whatever the kernel's own tick. */
const tickMs = 10;

/** Starts and ends a Worker a few times; gives medians. `cpuMs` is 0 where there is no /proc. */
export async function measureStart(start: () => Promise<Workerd>): Promise<Start> {
  const waits: number[] = [];
  const cpu: number[] = [];
  for (let nth = 0; nth < starts; nth++) {
    const beganAt = performance.now();
    const worker = await start();
    waits.push(performance.now() - beganAt);
    cpu.push(cpuMs(worker.pid));
    await worker.stop();
  }
  return { toFirstAnswerMs: median(waits), cpuMs: median(cpu) };
}

/** CPU time of a process so far, in milliseconds; 0 where there is no /proc. */
export function cpuMs(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * tickMs;
  } catch {
    return 0;
  }
}
