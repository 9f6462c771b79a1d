/** A plain client of the simulator, and a receiver of its webhooks: real HTTP on both sides. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { type Simulator, startSimulator } from "../../../dev/simulator/index.ts";
import { isRecord, parseJson } from "../../../dev/simulator/json.ts";

export const AGENT = "32d8fc98-be1e-4d32-a12e-146f397fb1cb2";
export const NUMBER = "+14155550100";

/** A body that `POST /call` accepts. */
export const ORDER = {
  agentId: AGENT,
  prompt: { overwrite: false, content: "You are Michael from support." },
  participant: { number: NUMBER, about: "The customer is Ada." },
  message: { start: "Hello Ada!" },
};

type Reply = { status: number; headers: Headers; text: string; json: unknown };

export type Client = {
  simulator: Simulator;
  api: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>;
  control: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>;
  call: (number?: string) => Promise<Reply>;
};

async function request(method: string, url: string, body: unknown, headers: Record<string, string>): Promise<Reply> {
  const response = await fetch(url, {
    method,
    redirect: "manual",
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parseJson(text) };
}

/** Starts a simulator whose calls last until they are ended by hand. */
export async function startClient(options: Parameters<typeof startSimulator>[0] = {}): Promise<Client> {
  const simulator = await startSimulator({ callMs: 3_600_000, ...options });
  const authorization = `Bearer ${simulator.token}`;
  const api: Client["api"] = (method, path, body, headers = {}) =>
    request(method, `${simulator.baseUrl}${path}`, body, { authorization, ...headers });
  return {
    simulator,
    api,
    control: (method, path, body, headers = {}) => request(method, `${simulator.url}${path}`, body, headers),
    call: (number = NUMBER) => api("POST", "/call", { ...ORDER, participant: { ...ORDER.participant, number } }),
  };
}

/** A value inside parsed JSON, by keys and indexes; undefined where the way ends. */
export function fieldAt(json: unknown, ...way: (string | number)[]): unknown {
  let here = json;
  for (const step of way) {
    if (Array.isArray(here) && typeof step === "number") here = here[step];
    else if (isRecord(here) && typeof step === "string") here = here[step];
    else return undefined;
  }
  return here;
}

type Delivery = { headers: IncomingHttpHeaders; text: string; event: unknown; data: unknown };

export type Receiver = {
  url: string;
  /** Statuses of the next answers, 200 when there are none left. */
  answers: number[];
  received: Delivery[];
  /** Resolves once this many have come. */
  reached: (count: number) => Promise<void>;
  close: () => Promise<void>;
};

/** Starts a receiver of webhooks. */
export async function startReceiver(): Promise<Receiver> {
  const answers: number[] = [];
  const received: Delivery[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const server = createServer((message, response) => {
    let text = "";
    message.setEncoding("utf8");
    message.on("data", (chunk: string) => {
      text += chunk;
    });
    message.on("end", () => {
      response.writeHead(answers.shift() ?? 200).end();
      const json = parseJson(text);
      received.push({ headers: message.headers, text, event: fieldAt(json, "event"), data: fieldAt(json, "data") });
      for (const one of waiting) if (received.length >= one.count) one.resolve();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP port");
  return {
    url: `http://127.0.0.1:${address.port}/in`,
    answers,
    received,
    reached: (count) =>
      new Promise((resolve) => {
        if (received.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
