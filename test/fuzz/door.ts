/** Properties of the door: the app with the real flows, verifier and reader, and an inbox in memory. */
import fc from "fast-check";
import { webhooks } from "../../src/crm/webhooks.ts";
import type { Acceptance, NewEvent } from "../../src/domain/events/event.ts";
import { bodyBytesMax } from "../../src/domain/limits.ts";
import { createDoor, type DoorDeps } from "../../src/http/door.ts";
import { eventId, randomId, sha256Hex } from "../../src/platform/hashes.ts";
import { createSealer } from "../../src/platform/seal.ts";
import type { Inboxes } from "../../src/ports/ingest/inboxes.ts";
import type { Rejection } from "../../src/ports/ingest/rejections.ts";
import type { SourceCopy } from "../../src/ports/source-copy.ts";
import { nowMs } from "../crm/requests.ts";
import { port } from "../flows/ports.ts";
import { bodyBytes, headersOf, hostileText, utf8 } from "./hostile.ts";
import { must, mustBeStorable, mustNotPollute, type Property } from "./property.ts";
import { shapedForm, shapedJson, shapedXml } from "./shaped.ts";
import { type Subject, subjects } from "./subjects.ts";

const origin = "https://hooks.example.com";
const key = "the-right-key-7Qz";

/** What Hono lets Worker code call behind the answer; here it is awaited by nobody and may not fail. */
const behind = { waitUntil: () => undefined, passThroughOnException: () => undefined, props: {} };

export async function doorProperties(): Promise<readonly Property[]> {
  const sealer = createSealer([{ kid: "k1", k: Buffer.alloc(32, 7).toString("base64url") }]);
  const secrets = [{ id: "s1", sealed: await sealer.seal(key) }];
  const copies = new Map<string, SourceCopy>();
  for (const [index, { preset, settings }] of subjects.entries()) {
    copies.set(`s${index}`, copyOf(`s${index}`, preset.name, settings, secrets));
    // One that waits for its sender to hand over the secret.
    copies.set(`f${index}`, copyOf(`f${index}`, preset.name, settings, []));
  }
  // One that anybody with the address may write to: whatever comes here is read.
  copies.set("open", copyOf("open", "bearer", { location: "path" }, secrets));
  const kept: NewEvent[][] = [];
  const rejections: Rejection[] = [];
  const failures: unknown[] = [];
  const deps: DoorDeps = {
    ...port<DoorDeps>({}),
    clock: { now: () => nowMs },
    identity: { eventId, randomId, sha256Hex },
    takesEvidence: () => true,
    webhooks: webhooks(sealer),
    inboxes: inboxOf(copies, kept, rejections),
    outcomes: port<DoorDeps["outcomes"]>({}),
    log: {
      debug: () => undefined,
      info: () => undefined,
      warn: (_text, fields) => failures.push(fields),
      error: (_text, fields) => failures.push(fields),
    },
    isAway: () => false,
    addressOf: () => origin,
  };
  const app = createDoor(() => deps);

  const knock = async (
    path: string,
    method: string,
    headers: Readonly<Record<string, string>>,
    body: Uint8Array,
  ): Promise<void> => {
    kept.length = rejections.length = failures.length = 0;
    const request = new Request(`${origin}${path}`, {
      method,
      headers: sendable(headers),
      ...(method === "GET" ? {} : { body }),
    });
    const response = await app.request(request, undefined, {}, behind);
    mustNotPollute();
    must(
      response.status < 500,
      `${response.status}: ${String(failures[0] === undefined ? "" : JSON.stringify(failures[0], Object.getOwnPropertyNames(Object(failures[0]).error ?? {})))}`,
    );
    must(response.status !== 410, "410 makes some senders forget their webhook");
    must(failures.length === 0, "something was logged as a failure");
    const said = await response.text();
    must(!said.includes(key), "the answer tells the secret");
    must(kept.length === 0 || response.status < 300, "what was refused was kept");
    for (const event of kept.flat()) mustBeStorable(event);
    must(JSON.stringify(rejections).includes(key) === false, "a rejection keeps the secret");
  };

  return [
    {
      name: "The door answers anything, to any source, without a 5xx",
      weight: 3,
      make: () =>
        fc.asyncProperty(
          fc.oneof(...subjects.map(knockAt)),
          fc.constantFrom("POST", "POST", "POST", "GET", "PUT"),
          async ([path, headers, body], method) => await knock(path, method, headers, body),
        ),
    },
    {
      name: "The door reads whatever comes with the right key, without a 5xx",
      weight: 3,
      make: () =>
        fc.asyncProperty(
          fc.oneof(...subjects.map(knockAt)),
          async ([, headers, body]) => await knock(`/in/open/${key}`, "POST", headers, body),
        ),
    },
    {
      name: "The door refuses a body that is too large, whatever it is",
      weight: 0.02,
      make: () =>
        fc.asyncProperty(
          fc.constantFrom(bodyBytesMax, bodyBytesMax + 1),
          fc.constantFrom(0x20, 0x5b, 0x30, 0xff, 0x3c, 0x26),
          async (size, byte) => {
            await knock(`/in/open/${key}`, "POST", {}, new Uint8Array(size).fill(byte));
          },
        ),
    },
  ];
}

function knockAt(one: Subject, index: number) {
  const body = fc.oneof(bodyBytes, shapedJson(one).map(utf8), shapedForm(one).map(utf8), shapedXml(one).map(utf8));
  const slug = fc.oneof(
    { weight: 7, arbitrary: fc.constant(`s${index}`) },
    { weight: 2, arbitrary: fc.constant(`f${index}`) },
    { weight: 1, arbitrary: hostileText },
  );
  const last = fc.option(hostileText, { nil: undefined });
  const path = fc.tuple(slug, last, last).map(([name, inner, query]) => {
    const written = (text: string) => encodeURIComponent(text.toWellFormed());
    return `/in/${written(name)}${inner === undefined ? "" : `/${written(inner)}`}${query === undefined ? "" : `?code=${written(query)}&${query.replace(/[^\x21-\x7e]/g, "%")}`}`;
  });
  return fc.tuple(path, headersOf(one.headers), body);
}

/** HTTP has no header with a control character or beyond Latin-1: a client cannot send one. */
function sendable(headers: Readonly<Record<string, string>>): Headers {
  const fit = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (/^[\w-]+$/.test(name)) fit.append(name, value.replace(/[^\t\x20-\x7e\x80-\xff]/g, "?"));
  }
  return fit;
}

function copyOf(
  slug: string,
  preset: string,
  settings: Readonly<Record<string, string>>,
  secrets: SourceCopy["secrets"],
): SourceCopy {
  return {
    slug,
    version: 1,
    shards: 1,
    preset,
    tenant: "acme",
    country: "US",
    zone: null,
    settings: { ...settings },
    orderNumber: "{{ data.id }}",
    recordType: "order",
    recordId: "{{ data.a.b }}",
    secrets,
    rules: [],
  };
}

function inboxOf(copies: ReadonlyMap<string, SourceCopy>, kept: NewEvent[][], rejections: Rejection[]): Inboxes {
  return port<Inboxes>({
    describe: async (slug) => copies.get(slug) ?? null,
    current: async () => ({ kind: "same" }),
    async accept(_slug, events) {
      kept.push(events);
      const acceptances = events.map(({ id }): Acceptance => ({ id, duplicate: false, conflict: false }));
      return { ok: true, acceptances };
    },
    capture: async () => "kept",
    async reject(_slug, rejection) {
      rejections.push(rejection);
    },
  });
}
