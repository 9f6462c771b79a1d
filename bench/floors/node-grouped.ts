// The peer that does the product's work for a webhook that no rule wants, without Workers: node:http, postgres.js, group commit, and the
// product's own table with all of its indexes. A process of its own with PORT, SECRET and DATABASE_URL, for one Shopify source.
import { createHmac, hash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { groupedCommits, type PeerEvent } from "./node-commits.ts";

const { PORT, SECRET, DATABASE_URL } = process.env;
if (PORT === undefined || SECRET === undefined || DATABASE_URL === undefined)
  throw new Error("PORT, SECRET and DATABASE_URL must be set");
const secret = SECRET;
const source = "node";
const bodyBytesMax = 1_048_576;
const commits = groupedCommits(DATABASE_URL, source);

/** The product stores those of Shopify's headers that say which event it is. */
const storedHeaders = ["content-type", "x-shopify-topic", "x-shopify-event-id", "x-shopify-webhook-id"];

async function receive(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const body = incoming.method === "POST" ? await bodyOf(incoming) : null;
  if (body === null) return answer(outgoing, incoming.method === "POST" ? 413 : 405, { ok: false });
  const given = Buffer.from(String(incoming.headers["x-shopify-hmac-sha256"] ?? ""), "base64");
  const mac = createHmac("sha256", secret).update(body).digest();
  if (given.length !== mac.length || !timingSafeEqual(given, mac)) return answer(outgoing, 401, { ok: false });
  let event: PeerEvent;
  try {
    event = eventOf(body.toString("utf8"), incoming.headers);
  } catch {
    return answer(outgoing, 400, { ok: false });
  }
  const { id, duplicate, conflict } = await commits.add(event);
  answer(outgoing, 202, { events: [{ id, external_id: event.externalId, duplicate, ...(conflict && { conflict }) }] });
}

/** @returns Null if the body exceeds the limit. */
async function bodyOf(incoming: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) return null;
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] ?? null) : Buffer.concat(chunks);
}

function eventOf(body: string, headers: IncomingMessage["headers"]): PeerEvent {
  const data = JSON.parse(body);
  const type = String(headers["x-shopify-topic"] ?? "");
  const externalId = String(headers["x-shopify-event-id"] ?? "");
  const dedupeKey = JSON.stringify([externalId, type]);
  const bodyHash = hash("sha256", body);
  const stored: Record<string, string> = {};
  for (const name of storedHeaders) {
    const value = headers[name];
    if (typeof value === "string") stored[name] = value;
  }
  const wanted = type === "orders/updated" && String(data.tags).split(", ").includes("call-nobody");
  return {
    id: uuidOf(`${source.length}:${source}${dedupeKey}`),
    dedupeKey,
    externalId,
    type,
    occurredAt: typeof data.updated_at === "string" ? data.updated_at : null,
    orderNumber: data.name,
    orderNumberKey: String(data.name)
      .normalize("NFKC")
      .replace(/^[\s#№]+/u, "")
      .trim()
      .toLowerCase(),
    recordType: "order",
    recordId: String(data.id),
    headers: JSON.stringify(stored),
    body,
    bodyHash,
    bodyKey: uuidOf(`${source}${type}${bodyHash}`),
    ended: wanted ? null : "no_rule_matched",
  };
}

function uuidOf(text: string): string {
  const hex = hash("sha256", text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function answer(outgoing: ServerResponse, status: number, json: unknown): void {
  const text = JSON.stringify(json);
  outgoing.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  outgoing.end(text);
}

createServer((incoming, outgoing) => {
  receive(incoming, outgoing).catch(() => answer(outgoing, 503, { ok: false }));
}).listen(Number(PORT), "127.0.0.1");
