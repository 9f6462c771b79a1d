// The peer without Workers: Hono on Node's own server, a postgres.js pool of ten, one insert for each webhook. Run as a
// process of its own with PORT, SECRET and DATABASE_URL.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Hono } from "hono";
import postgres from "postgres";

const { PORT, SECRET, DATABASE_URL } = process.env;
if (PORT === undefined || SECRET === undefined || DATABASE_URL === undefined)
  throw new Error("PORT, SECRET and DATABASE_URL must be set");
const secret = SECRET;
const sql = postgres(DATABASE_URL, { max: 10, fetch_types: false });

const app = new Hono();
app.post("/in/bench", async (c) => {
  const body = Buffer.from(await c.req.raw.arrayBuffer());
  const digest = createHmac("sha256", secret).update(body).digest();
  const given = Buffer.from(c.req.header("x-shopify-hmac-sha256") ?? "", "base64");
  if (given.length !== digest.length || !timingSafeEqual(given, digest)) return c.json({ ok: false }, 401);
  const id = c.req.header("x-shopify-event-id") ?? "";
  const type = c.req.header("x-shopify-topic") ?? "";
  JSON.parse(body.toString());
  await sql`
    insert into bench_events (source, dedupe_key, type, body) values ('node', ${id}, ${type}, ${body.toString()})
    on conflict do nothing`;
  return c.json({ ok: true }, 202);
});

/** Hands a request of Node's server to Hono, its body read beforehand, and writes the answer. */
async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) if (typeof value === "string") headers.set(name, value);
  const method = incoming.method ?? "GET";
  const body = method === "GET" ? null : Buffer.concat(chunks);
  const answer = await app.fetch(new Request(`http://127.0.0.1${incoming.url}`, { method, headers, body }));
  outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
  outgoing.end(Buffer.from(await answer.arrayBuffer()));
}

createServer((incoming, outgoing) => {
  serve(incoming, outgoing).catch(() => outgoing.destroy());
}).listen(Number(PORT), "127.0.0.1");
