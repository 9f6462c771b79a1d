/** Requests of strangers, as bytes: guesses of names, keys, tokens and cookies. */
import { Worker } from "node:worker_threads";

/** A flood: requests in turn, so many altogether, so many at once. */
export type Strangers = {
  readonly port: number;
  readonly requests: readonly string[];
  readonly count: number;
  readonly atOnce: number;
};

const madeUp = "A".repeat(43);

/** Different names and keys that are guessed: more than an isolate remembers. */
const guesses = 2_000;

/** @returns requests of strangers in turn, one of each kind and then the next of each; `honest` is a source that is there */
export function strangeRequests(honest: string): string[] {
  return Array.from({ length: guesses }, (_, nth) => [
    wire("POST", `/in/guess-${nth}`, {}, "unsigned"),
    wire("POST", `/in/guess-${nth}`, { authorization: "Bearer guessed" }, "{}"),
    wire("POST", `/in/${honest}`, { authorization: "Bearer guessed", "content-type": "application/json" }, "{}"),
    wire("POST", `/in/mihu/${nth}`, {}, "{}"),
    wire("GET", "/", { cookie: `__Host-session=${madeUp}.${madeUp}` }),
    wire("GET", "/v1/calls", { authorization: "Bearer guessed" }),
    wire("GET", "/readyz", {}),
  ]).flat();
}

/** Runs a flood to its end. @returns answers by their status; requests whose connection broke are `0` */
export function flood(job: Strangers): Promise<Record<string, number>> {
  return new Promise((done, fail) => {
    const worker = new Worker(new URL("./stranger-thread.ts", import.meta.url), { workerData: job });
    worker.once("message", done);
    worker.once("error", fail);
  });
}

function wire(method: string, path: string, headers: Record<string, string>, body?: string): string {
  const all = body === undefined ? headers : { ...headers, "content-length": String(Buffer.byteLength(body)) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${lines.join("")}\r\n${body ?? ""}`;
}
