// The common part of the stand-ins for senders' APIs: a local server that checks credentials, counts requests, and
// fails on command.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** An answer: JSON, unless `text` is given. */
type StandinAnswer = {
  status: number;
  json?: unknown;
  text?: string;
  headers?: Record<string, string>;
};

/** The answer to an authorised request; null if the stand-in has no record there. */
type StandinApi = {
  /** The answer to a request without permission; null if it is permitted. */
  refuse: (headers: IncomingMessage["headers"], credential: string) => StandinAnswer | null;
  answer: (url: URL) => StandinAnswer | null;
  missing: StandinAnswer;
};

export type Standin = {
  /** `http://127.0.0.1:…`. */
  url: string;
  /** The valid credential. */
  credential: string;
  /** Path, query and status of every request; status 0 if there was no answer. */
  asked: { path: string; status: number; at: number }[];
  /** Answers for the next requests, before any of its own. */
  next: StandinAnswer[];
  /** Whether connections are dropped without an answer. */
  down: boolean;
  /** Time that every answer takes. */
  latencyMs: number;
  /** Highest number of concurrent answers. */
  most: number;
  close: () => Promise<void>;
};

/** @param port 0 takes a free one */
export async function startStandin(api: StandinApi, credential: string, port = 0): Promise<Standin> {
  let running = 0;
  const standin: Standin = {
    url: "",
    credential,
    asked: [],
    next: [],
    down: false,
    latencyMs: 0,
    most: 0,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? "/";
    const asked = { path, status: 0, at: Date.now() };
    standin.asked.push(asked);
    running++;
    standin.most = Math.max(standin.most, running);
    try {
      if (standin.latencyMs > 0) await pause(standin.latencyMs);
      if (standin.down) {
        request.socket.destroy();
        return;
      }
      const answer = standin.next.shift() ?? answerOf(request, path);
      asked.status = answer.status;
      const type = answer.text === undefined ? "application/json" : "text/html";
      response.writeHead(answer.status, { "content-type": type, ...answer.headers });
      response.end(answer.text ?? JSON.stringify(answer.json));
    } finally {
      running--;
    }
  };
  const answerOf = (request: IncomingMessage, path: string): StandinAnswer => {
    const refused = api.refuse(request.headers, standin.credential);
    if (refused !== null) return refused;
    if (request.method !== "GET") return { status: 405, json: { message: "method not allowed" } };
    return api.answer(new URL(path, "http://standin")) ?? api.missing;
  };
  const server = createServer((request, response) => {
    void serve(request, response).catch(() => request.socket.destroy());
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  standin.url = `http://127.0.0.1:${addressOf(server.address()).port}`;
  return standin;
}

/** A server that listens on TCP has a port. */
function addressOf(address: string | AddressInfo | null): AddressInfo {
  if (address === null || typeof address === "string") throw new Error("the stand-in has no port");
  return address;
}
