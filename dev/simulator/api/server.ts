/** The HTTP server: reads each body once, checks the token, hands on. */
import type { Buffer } from "node:buffer";
import { hash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { MihuWorld } from "../engine/world.ts";
import { failure, type Incoming, type JsonAnswer, NOT_FOUND, readBody, readInput, send } from "../http.ts";
import { answerApi } from "./api.ts";
import { placeCall } from "./call.ts";
import { control } from "./control.ts";

const API = "/api/v1";
const CALL = `${API}/call`;
/** Longer than any client keeps an idle connection: a POST sent into a closing one would look like a dropped call. */
const KEEP_ALIVE_MS = 300_000;

const UNAUTHENTICATED: JsonAnswer = { status: 401, body: { message: "Unauthenticated." } };
const TOO_LONG: JsonAnswer = failure(413, "The request body is too long.");

/** A server that is not listening yet. */
export function createSimulatorServer(world: MihuWorld, token: string): Server {
  const tokenHash = hash("sha256", token, "buffer");
  let requests = 0;

  /** Compares hashes, so that neither time nor length reveals anything about the token. */
  function knows(authorization: string | undefined): boolean {
    const presented = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1] ?? "";
    return timingSafeEqual(hash("sha256", presented, "buffer"), tokenHash) && !world.faults.settings().token_revoked;
  }

  /** The answer to all but `POST /call`, which answers by itself. */
  function answer(incoming: Incoming, message: IncomingMessage): JsonAnswer {
    if (incoming.path.startsWith(`${API}/`)) return answerApi(world, incoming, incoming.path.slice(API.length));
    return incoming.path.startsWith("/__") ? control(world, incoming, message.headers) : NOT_FOUND;
  }

  function handle(message: IncomingMessage, response: ServerResponse, body: Buffer | "too_long"): void {
    const url = message.url ?? "/";
    const mark = url.indexOf("?");
    const path = mark < 0 ? url : url.slice(0, mark);
    const isApi = path.startsWith(`${API}/`);
    if (isApi && !knows(message.headers.authorization)) {
      send(response, UNAUTHENTICATED);
    } else if (body === "too_long") {
      send(response, TOO_LONG);
    } else {
      const incoming: Incoming = {
        method: message.method ?? "GET",
        path,
        query: new URLSearchParams(mark < 0 ? "" : url.slice(mark)),
        body: readInput(message, body),
        request: isApi ? ++requests : requests,
      };
      if (incoming.method === "POST" && path === CALL) placeCall(world, incoming, response);
      else {
        const waitMs = isApi ? world.faults.settings().read_latency_ms : 0;
        if (waitMs === 0) send(response, answer(incoming, message));
        else world.answerTimers.after(waitMs, () => send(response, answer(incoming, message)));
      }
    }
  }

  return createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (message, response) => {
    readBody(message, (body) => handle(message, response, body));
  });
}
