// `npm run bench -- --export`: a list of very many calls as a file, and the memory that the Worker needs for it.
import { request } from "node:http";
import type { ClusterInfo } from "../../dev/stack/cluster.ts";
import { fillCalls } from "../lookup/fill.ts";
import type { Row } from "../report/report.ts";
import type { Hookline } from "../subjects/hookline.ts";
import { memoryOf } from "../subjects/proc.ts";
import { cpuMs } from "../weight.ts";

/** Memory that an export may need above that of the Worker at rest. */
const growthMiBMax = 64;
const sampleEveryMs = 50;

type Exported = {
  readonly format: string;
  readonly rows: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly cpuS: number;
  readonly growthMiB: number;
};

/** Fills the installation, and exports all of its calls in both formats. */
export async function measureExports(
  cluster: ClusterInfo,
  hookline: Hookline,
  calls: number,
  say: (words: string) => void,
): Promise<Exported[]> {
  await fillCalls(cluster, hookline.ownerUrl, calls);
  say(`  ${calls} calls are there`);
  const scopes = ["calls:read", "pii:read"];
  const { token } = await hookline.ask("POST", "/v1/tokens", { name: "export", scopes, days: 1 });
  // The first export loads the code and the connection.
  await exported(hookline, String(token), "csv&status=queued");
  const measured: Exported[] = [];
  for (const format of ["csv", "jsonl"]) measured.push(await exported(hookline, String(token), format));
  for (const { rows } of measured) if (rows !== calls) throw new Error(`${rows} rows were exported, and not ${calls}`);
  return measured;
}

async function exported({ port, worker }: Hookline, token: string, format: string): Promise<Exported> {
  const before = memoryOf(worker.pid).bytes;
  const cpuBefore = cpuMs(worker.pid);
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, memoryOf(worker.pid).bytes);
  }, sampleEveryMs);
  const began = performance.now();
  try {
    const { lines, bytes } = await drained(port, `/v1/calls/export?format=${format}`, token);
    const header = format.startsWith("csv") ? 1 : 0;
    return {
      format,
      rows: lines - header,
      bytes,
      seconds: (performance.now() - began) / 1_000,
      cpuS: (cpuMs(worker.pid) - cpuBefore) / 1_000,
      growthMiB: (peak - before) / 1_048_576,
    };
  } finally {
    clearInterval(watch);
  }
}

/** Takes an answer as fast as it comes, and counts its line feeds. Filled calls have none in their texts. */
function drained(port: number, path: string, token: string): Promise<{ lines: number; bytes: number }> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", path, headers: { authorization: `Bearer ${token}` } }, (answer) => {
      let [lines, bytes] = [0, 0];
      answer.on("data", (part: Buffer) => {
        bytes += part.length;
        for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) lines++;
      });
      answer.on("error", reject);
      answer.on("end", () => resolve({ lines, bytes }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

/** @returns the rows of the table */
export function exportRows(measured: readonly Exported[]): Row[] {
  return measured.flatMap(({ format, rows, bytes, seconds, cpuS, growthMiB }) => [
    {
      what: `export of ${rows} calls as ${format}, peak memory of workerd above its rest`,
      goal: `< ${growthMiBMax} MiB`,
      measured: `${growthMiB.toFixed(0)} MiB`,
      ok: growthMiB < growthMiBMax,
    },
    {
      what: `the same, time, size and workerd's CPU time`,
      goal: "",
      ok: null,
      measured: `${seconds.toFixed(0)} s, ${(bytes / 1_048_576).toFixed(0)} MiB, ${cpuS.toFixed(0)} s`,
    },
  ]);
}
