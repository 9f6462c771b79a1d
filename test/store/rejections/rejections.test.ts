import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rejectionsPerSourceMax } from "../../../src/domain/limits.ts";
import type { Rejection, RejectionStore, StoredRequest } from "../../../src/ports/ingest/rejections.ts";
import { sourceLookups } from "../../../src/store/lookups/source-lookups.ts";
import { keptClient } from "../../../src/store/postgres/kept-client.ts";
import { failedSignatures } from "../../../src/store/rejections/refused-minutes.ts";
import { rejectionStore } from "../../../src/store/rejections/rejections.ts";
import { storedRejectionStore } from "../../../src/store/rejections/stored-rejections.ts";
import { sweepStore } from "../../../src/store/sweep.ts";
import { type World, world } from "../world/world.ts";

const rejectionBodiesReadBytesMax = 8_388_608;
const rejectionBodyBytesMax = 262_144;
let w: World;
let store: RejectionStore;
const client = { drop: () => {} };
let app: ReturnType<typeof keptClient>["sql"];
beforeAll(async () => {
  w = await world();
  const kept = keptClient(w.url, () => {});
  client.drop = kept.drop;
  app = () => kept.sql();
  store = rejectionStore(() => kept.sql());
});
afterAll(async () => {
  client.drop();
  await w.close();
});

const rejection = (at: number): Rejection => ({
  id: randomUUID(),
  at,
  code: "signature_wrong",
  detail: "No active secret makes this signature.",
  headers: ["content-type", "x-shopify-hmac-sha256"],
  bodyBytes: 1_234,
});
const many = (count: number, from: number) => Array.from({ length: count }, (_, index) => rejection(from + index));
let sources = 0;
async function freshSource(): Promise<string> {
  const slug = `source-${++sources}`;
  await w.owner`insert into sources (slug, preset) values (${slug}, 'generic')`;
  return slug;
}
const kept = async (source: string) => (await sourceLookups(w.owner).rejections(source)).map(({ at }) => at);

describe("rejections", () => {
  test("are kept as they were given, newest first", async () => {
    const source = await freshSource();
    const [one, two] = [rejection(1_767_636_000_123), rejection(1_767_636_000_456)];
    await store.write(source, [one, two], []);
    expect(await sourceLookups(w.owner).rejections(source)).toEqual([two, one]);
  });

  test("are counted by the minute, added up, for a day, and are a problem when many signatures failed in one of the last", async () => {
    const [source, calm] = [await freshSource(), await freshSource()];
    const minute = Math.floor(Date.now() / 60_000) * 60_000;
    const numbers = { refused: 40, failedSignatures: 20, notStored: 10 };
    const old = { at: minute - 25 * 3_600_000, refused: 900, failedSignatures: 900, notStored: 0 };
    await store.write(source, [], [old]);
    await store.write(calm, [], [{ at: minute, refused: 900, failedSignatures: 29, notStored: 0 }]);
    await store.write(source, [], [{ at: minute, ...numbers }]);
    expect(await failedSignatures(app())).toEqual([]);
    await store.write(
      source,
      [rejection(1_000)],
      [
        { at: minute, ...numbers },
        { at: minute - 60_000, ...numbers },
      ],
    );
    expect(await storedRejectionStore(app()).minutes(source)).toEqual([
      { at: minute, refused: 80, failedSignatures: 40, notStored: 20 },
      { at: minute - 60_000, ...numbers },
    ]);
    expect(await failedSignatures(app())).toEqual([
      { code: "signatures_failed", since: minute - 60_000, count: 60, rows: [source] },
    ]);
    await w.owner`update refused_minutes set at = at - interval '11 minutes' where source = ${source}`;
    expect(await failedSignatures(app())).toEqual([]);
  });

  test("written twice, after an answer that was lost, are kept once", async () => {
    const source = await freshSource();
    const rejections = many(3, 1_000);
    await store.write(source, rejections, []);
    await store.write(source, rejections, []);
    expect(await kept(source)).toEqual([1_002, 1_001, 1_000]);
  });

  test.each([
    ["one at a time", 1],
    ["a few at a time", 7],
    ["as many as are kept", rejectionsPerSourceMax],
  ])("of a source are the newest fifty, written %s", async (_, size) => {
    const source = await freshSource();
    for (let at = 1_000; at < 1_000 + 2 * rejectionsPerSourceMax + 5; at += size)
      await store.write(source, many(size, at), []);
    const [row] = await w.owner`select count(*)::int as n from rejections where source = ${source}`;
    expect(row?.n).toBe(rejectionsPerSourceMax);
    const times = await kept(source);
    expect(Math.max(...times) - Math.min(...times)).toBe(rejectionsPerSourceMax - 1);
  });

  test("of one source never push out another's", async () => {
    const [quiet, loud] = [await freshSource(), await freshSource()];
    await store.write(quiet, many(1, 1), []);
    for (let round = 0; round < 3; round++) await store.write(loud, many(40, 1_000 + round * 40), []);
    expect(await kept(quiet)).toEqual([1]);
  });
});

describe("what is kept of a refused request", () => {
  const bytes = Uint8Array.from({ length: 30_000 }, (_, index) => index % 256);
  const whole: StoredRequest = {
    method: "POST",
    url: "https://hooks.example.com/in/acme?a=%00",
    headers: { "x-shopify-hmac-sha256": "c2ln", "x-grüße": "Grüße" },
    body: bytes,
    bodyKept: "whole",
    presented: null,
  };
  const presented: StoredRequest = {
    ...whole,
    body: null,
    bodyKept: "shared_secret",
    presented: { fingerprints: ["ab"], authorization: "bearer", token: null },
  };
  const act = { actor: "token:t", reason: "the secret was mended" };

  test("comes back byte by byte, and what an older version wrote comes back without", async () => {
    const source = await freshSource();
    const [old, one, other] = [
      rejection(1_000),
      { ...rejection(2_000), kept: whole },
      { ...rejection(3_000), kept: presented },
    ];
    await store.write(source, [old, one, other], []);
    const found = await storedRejectionStore(app()).list(source);
    expect(found.map(({ id }) => id)).toEqual([other.id, one.id, old.id]);
    expect(found.map(({ request }) => request)).toEqual([presented, whole, null]);
    expect(found.map(({ acceptedAt, acceptedEvents }) => [acceptedAt, acceptedEvents])).toEqual([
      [null, []],
      [null, []],
      [null, []],
    ]);
  });

  test("is read as far as a Worker can hold it, the newest first; the others once those went in", async () => {
    const source = await freshSource();
    const large = { ...whole, body: new Uint8Array(rejectionBodyBytesMax) };
    const fits = rejectionBodiesReadBytesMax / rejectionBodyBytesMax;
    const all = Array.from({ length: fits + 3 }, (_, index) => ({ ...rejection(1_000 + index), kept: large }));
    for (const one of all) await store.write(source, [one], []);
    const kept = storedRejectionStore(app());
    const found = await kept.list(source);
    expect(found.map(({ request }) => [request?.bodyKept, request?.body?.length])).toEqual([
      ...Array.from({ length: fits }, () => ["whole", rejectionBodyBytesMax]),
      ...Array.from({ length: 3 }, () => ["no_room", undefined]),
    ]);
    await kept.accepted(
      source,
      found.slice(0, 3).map(({ id }) => ({ id, events: [] })),
      act,
    );
    expect((await kept.list(source)).filter(({ request }) => request?.bodyKept === "whole")).toHaveLength(fits);
  });

  test("is forgotten once it went in, which is noted once, with its entry", async () => {
    const source = await freshSource();
    const one = { ...rejection(1_000), kept: whole };
    await store.write(source, [one], []);
    const kept = storedRejectionStore(app());
    const events = [randomUUID(), randomUUID()];
    expect(await kept.accepted(source, [{ id: one.id, events }], act)).toEqual([one.id]);
    expect(await kept.accepted(source, [{ id: one.id, events: [] }], act)).toEqual([]);
    expect(await kept.accepted("source-1", [{ id: one.id, events: [] }], act)).toEqual([]);
    const [found] = await kept.list(source);
    expect(found).toMatchObject({
      acceptedEvents: events,
      request: { body: null, bodyKept: "accepted", headers: {}, url: null },
    });
    expect(found?.acceptedAt).toEqual(expect.any(Number));
    expect(
      await w.owner`select subject, action, actor, reason, data from entries where subject_id = ${one.id}`,
    ).toEqual([
      { subject: "rejection", action: "accepted", actor: act.actor, reason: act.reason, data: { source, events } },
    ]);
  });

  test("is forgotten after a week, and what was said of it stays", async () => {
    const source = await freshSource();
    const day = 86_400_000;
    const [old, young, secret] = [8, 6, 8].map((days, index) => ({
      ...rejection(Date.now() - days * day),
      kept: index === 2 ? presented : whole,
    }));
    await store.write(
      source,
      [old, young, secret].flatMap((one) => (one === undefined ? [] : [one])),
      [],
    );
    await sweepStore(app()).expire();
    const rows = await storedRejectionStore(app()).list(source);
    const found = Object.fromEntries(
      rows.map(({ id, request, detail }) => [
        id,
        [detail, request?.bodyKept, request?.body?.length, request?.presented, request?.url],
      ]),
    );
    const { detail } = rejection(0);
    expect(found).toEqual({
      [old?.id ?? ""]: [detail, "forgotten", undefined, null, null],
      [secret?.id ?? ""]: [detail, "shared_secret", undefined, null, null],
      [young?.id ?? ""]: [detail, "whole", bytes.length, null, whole.url],
    });
  });

  test.each([
    ["a body that is said not to be there", "body = 'x'::bytea, body_kept = 'too_large'"],
    ["a word for it that nobody knows", "body_kept = 'somewhere'"],
    [
      "a body of one that went in",
      "body = 'x'::bytea, body_kept = 'whole', accepted_at = now(), accepted_events = '[]'",
    ],
  ])("is never %s", async (_, change) => {
    const source = await freshSource();
    const one = { ...rejection(1_000), kept: presented };
    await store.write(source, [one], []);
    await expect(app().unsafe(`update rejections set ${change} where id = '${one.id}'`)).rejects.toMatchObject({
      code: "23514",
    });
  });

  test("names the secrets that a source had, the newest first, and none of another's", async () => {
    const [source, other] = [await freshSource(), await freshSource()];
    for (const [index, slug] of [source, source, other].entries())
      await w.owner`insert into secrets (source, sealed, kid, fingerprint, retired_at)
        values (${slug}, ${`sealed-${index}`}, 'k', ${randomUUID()}, now() - ${10 - index} * interval '1 day')`;
    await w.owner`insert into secrets (source, sealed, kid, fingerprint) values (${source}, 'active', 'k', ${randomUUID()})`;
    expect((await storedRejectionStore(app()).retired(source)).map(({ sealed }) => sealed)).toEqual([
      "sealed-1",
      "sealed-0",
    ]);
  });
});
