/** A receiver of hooks on this machine, and a hook that it has subscribed. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Webhook as Standard } from "standardwebhooks";
import { Webhook as Svix } from "svix";
import type { Shop } from "../shop.ts";

export type Heard = {
  readonly at: number;
  readonly id: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
};

type Answer = (response: ServerResponse, heard: Heard) => void;

export type HookReceiver = {
  readonly url: string;
  /** Everything that was received, oldest first. */
  readonly heard: Heard[];
  /** Answers from now on; `null`: 200. */
  answer(how: Answer | null): void;
  close(): Promise<void>;
};

export const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(code, headers).end("answer");

export async function receiver(): Promise<HookReceiver> {
  const heard: Heard[] = [];
  let answer: Answer = status(200);
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const one = heardOf(request, Buffer.concat(parts).toString("utf8"));
      heard.push(one);
      answer(response, one);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/hook`,
    heard,
    answer(how) {
      answer = how ?? status(200);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => void server.close(done));
    },
  };
}

function heardOf(request: IncomingMessage, text: string): Heard {
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  const { type = "", data = {} } = text === "" ? {} : JSON.parse(text);
  return { at: Date.now(), id: headers["webhook-id"] ?? "", method: request.method ?? "", headers, text, type, data };
}

/** Whether both verifiers that nobody here wrote take it. */
export function isSigned({ text, headers }: Heard, secret: string): boolean {
  return [new Standard(secret), new Svix(secret)].every((verifier) => {
    try {
      verifier.verify(text, headers);
      return true;
    } catch {
      return false;
    }
  });
}

export type Hook = { id: string; secret: string; state: string; reason: string | null };

/** Subscribes a URL. @param token another one than the shop's */
export async function subscribed(shop: Shop, url: string, more: object = {}, token = shop.token): Promise<Hook> {
  const answer = await shop.api("/v1/hooks", {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    json: { target_url: url, events: ["call.*"], ...more },
  });
  if (!answer.ok) throw new Error(`no hook: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Hook;
}

/** A call's events as a receiver heard them, each once. */
export function ofCall({ heard }: HookReceiver, id: string): Heard[] {
  return [...new Map(heard.filter(({ data }) => data.id === id).map((one) => [one.id, one])).values()];
}
