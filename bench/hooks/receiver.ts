// A receiver of hooks in a thread of its own: it answers 204 at once, and never answers below /dead.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

/** Deliveries below one path: their number, the times of the first and the last, and how long after its event each came. */
export type Received = { count: number; firstMs: number; lastMs: number; lateMs: number[] };

export type Receiver = {
  readonly url: string;
  /** Deliveries so far, by the first part of their path. */
  read(): Promise<Record<string, Received>>;
  /** Forgets the deliveries so far. */
  clear(): Promise<void>;
  stop(): Promise<unknown>;
};

/** Starts it on a free port of this machine. */
export async function startReceiver(): Promise<Receiver> {
  const thread = new Worker(new URL(import.meta.url));
  const said = () => new Promise<unknown>((done) => thread.once("message", done));
  const port = Number(await said());
  const ask = async (what: "read" | "clear"): Promise<unknown> => {
    const answer = said();
    thread.postMessage(what);
    return await answer;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    read: async () => (await ask("read")) as Record<string, Received>,
    clear: async () => void (await ask("clear")),
    stop: () => thread.terminate(),
  };
}

if (!isMainThread) {
  let received: Record<string, Received> = {};
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const path = (request.url ?? "").split("/")[1] ?? "";
      if (path === "dead") return;
      const now = performance.timeOrigin + performance.now();
      const at = Date.parse(/"timestamp":"([^"]+)"/.exec(Buffer.concat(parts).toString("utf8"))?.[1] ?? "");
      received[path] ??= { count: 0, firstMs: now, lastMs: now, lateMs: [] };
      const seen = received[path];
      seen.count += 1;
      seen.lastMs = now;
      seen.lateMs.push(now - at);
      response.writeHead(204).end();
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1", () => parentPort?.postMessage((server.address() as AddressInfo).port));
  parentPort?.on("message", (what: "read" | "clear") => {
    if (what === "clear") received = {};
    parentPort?.postMessage(received);
  });
}
