// The load generator: bare sockets with keep-alive, one request in flight on each, bytes prepared in advance. It runs
// in its own process, so that its memory and garbage collection do not affect the subject.
import { connect, type Socket } from "node:net";
import type { Job, Load } from "./load.ts";
import { makeRequests } from "./requests.ts";

const paceTickMs = 5;

process.once("message", async (job) => {
  const done = await run(jobOf(job), () => process.send?.("begun"));
  process.send?.(done, () => process.disconnect());
});

/** The cast holds because only `load.ts` starts this file, and sends it a job. */
function jobOf(data: unknown): Job {
  return data as Job;
}

/** @param begun Called when everything is prepared, just before the first request. */
async function run(job: Job, begun: () => void): Promise<Load> {
  const requests = makeRequests(job.recipe);
  const sockets = await Promise.all(Array.from({ length: job.connections }, () => open(job.port)));
  const latencies: number[] = [];
  const statuses: Record<string, number> = {};
  const idle: (() => void)[] = [];
  let sent = 0;
  let lastAt = 0;
  begun();
  const beganAt = performance.now();
  const endAt = beganAt + job.seconds * 1000;

  const due = () => (job.perSecond === null ? Infinity : ((performance.now() - beganAt) / 1000) * job.perSecond);
  const next = (): Buffer | undefined => {
    if (performance.now() >= endAt) return undefined;
    if (sent >= requests.length && !job.cycle) return undefined;
    return requests[sent++ % requests.length];
  };

  const converse = (socket: Socket): Promise<void> =>
    new Promise((done, fail) => {
      let writtenAt = 0;
      let pending = "";
      const send = () => {
        // A paced run sends nothing early: a socket ahead of the pace waits for the next tick.
        if (sent >= due() && performance.now() < endAt && sent < requests.length) return void idle.push(send);
        const request = next();
        if (request === undefined) return done();
        writtenAt = performance.now();
        socket.write(request);
      };
      socket.on("data", (chunk: Buffer) => {
        pending = pending === "" ? chunk.toString("latin1") : pending + chunk.toString("latin1");
        if (!isWhole(pending)) return;
        const status = pending.slice(9, 12);
        pending = "";
        lastAt = performance.now();
        latencies.push(lastAt - writtenAt);
        statuses[status] = (statuses[status] ?? 0) + 1;
        send();
      });
      socket.on("error", fail);
      socket.on("close", () => fail(new Error("the server closed a connection")));
      send();
    });

  const ticker = setInterval(() => {
    for (const send of idle.splice(0)) send();
  }, paceTickMs);
  try {
    await Promise.all(sockets.map(converse));
  } finally {
    clearInterval(ticker);
    for (const socket of sockets) socket.destroy();
  }
  latencies.sort((one, other) => one - other);
  const seconds = (lastAt - beganAt) / 1000;
  const accepted = statuses["202"] ?? 0;
  return {
    accepted,
    refused: latencies.length - accepted,
    seconds,
    perSecond: accepted / seconds,
    beganAtMs: performance.timeOrigin + beganAt,
    p50Ms: latencies[Math.floor(latencies.length * 0.5)] ?? 0,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
    statuses,
  };
}

function open(port: number): Promise<Socket> {
  return new Promise((done, fail) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => done(socket));
    socket.once("error", fail);
  });
}

/** Whether an answer is complete, by its content-length or by the last chunk. */
function isWhole(text: string): boolean {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return false;
  const at = text.search(/content-length: /i);
  if (at >= 0 && at < headEnd) return text.length >= headEnd + 4 + Number.parseInt(text.slice(at + 16, at + 24), 10);
  return text.endsWith("0\r\n\r\n");
}
