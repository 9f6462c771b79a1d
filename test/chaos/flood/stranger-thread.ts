/**
 * Strangers in a thread of their own: bare sockets with keep-alive, one request in flight on each, bytes made beforehand. So the sender of
 * honest webhooks does not wait for theirs.
 */
import { connect, type Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import type { Strangers } from "./strangers.ts";

parentPort?.postMessage(await run(jobOf(workerData)));

/** The cast holds because only `strangers.ts` starts this file, with a job. */
function jobOf(data: unknown): Strangers {
  return data as Strangers;
}

/** @returns answers by their status; requests whose connection broke are `0` */
async function run({ port, requests, count, atOnce }: Strangers): Promise<Record<string, number>> {
  const bytes = requests.map((request) => Buffer.from(request));
  const answers: Record<string, number> = {};
  let sent = 0;
  const note = (status: string) => {
    answers[status] = (answers[status] ?? 0) + 1;
  };
  const converse = async () => {
    let socket = await open(port);
    while (sent < count) {
      const request = bytes[sent++ % bytes.length];
      if (request === undefined) return;
      const status = await ask(socket, request);
      note(status ?? "0");
      if (status === null && sent < count) socket = await open(port);
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: atOnce }, converse));
  return answers;
}

function open(port: number): Promise<Socket> {
  return new Promise((done, fail) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => done(socket));
    socket.once("error", fail);
  });
}

/** @returns the status of the whole answer; null: the connection broke */
function ask(socket: Socket, request: Buffer): Promise<string | null> {
  return new Promise((done) => {
    let text = "";
    const end = (status: string | null) => {
      socket.off("data", read).off("close", broken).off("error", broken);
      done(status);
    };
    const broken = () => end(null);
    const read = (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (isWhole(text)) end(text.slice(9, 12));
    };
    socket.on("data", read).on("close", broken).on("error", broken);
    socket.write(request);
  });
}

/** Whether an answer has come whole: by its content-length, or by the last chunk. */
function isWhole(text: string): boolean {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return false;
  const length = /^content-length: (\d+)/im.exec(text.slice(0, headEnd))?.[1];
  return length === undefined ? text.endsWith("0\r\n\r\n") : text.length >= headEnd + 4 + Number(length);
}
