import { describe, expect, test } from "vitest";
import type { EventReading, ValueLocation } from "../../../src/crm/preset/preset.ts";
import { fullSettings } from "../../../src/crm/preset/settings.ts";
import type { IncomingEvent } from "../../../src/domain/events/webhook.ts";
import type { CrmFixture } from "../fixture.ts";
import { fixtures } from "../fixtures/index.ts";
import { nowMs } from "../requests.ts";
import { testWhere } from "../where.ts";
import {
  chosenBy,
  crmWebhooks,
  eventsRead,
  proofOf,
  readSent,
  requestBy,
  requestFrom,
  sourceOf,
  verifySent,
  withBody,
  withHeader,
} from "./scene.ts";

const eventsPerRequestMax = 1_000;
const named = fixtures.map((fixture) => ({ name: `${fixture.preset} ${fixture.scheme}`, fixture }));

describe.each(named)("$name", ({ fixture }) => {
  const { scheme, recipe } = chosenBy(fixture);
  const reading = scheme.reading(fullOf(fixture));
  const good = requestBy(fixture);

  test("the sample is read as its sender means it", async () => {
    const events = await eventsRead(fixture, good);
    expect(
      events.map(({ externalId, type, occurredAt }) => ({ externalId, type, occurredAt: iso(occurredAt) })),
    ).toEqual(fixture.events.map(({ externalId, type, occurredAt }) => ({ externalId, type, occurredAt })));
    for (const [index, { data }] of fixture.events.entries()) expect(events[index]?.data).toMatchObject(data);
    expect(new Set(keysOf(events)).size).toBe(fixture.events.length);
    for (const event of events) expect(JSON.parse(event.body)).toEqual(event.data);
  });

  test("the same bytes again are the same events, whatever their signature's time", async () => {
    const before = await eventsRead(fixture, good);
    expect(keysOf(await eventsRead(fixture, requestBy(fixture)))).toEqual(keysOf(before));
    const { sameBodyMs } = reading;
    const nameless = before.some(({ externalId }) => externalId === null);
    if (nameless) expect(sameBodyMs).toBe(fixture.sameBodyMs);
    if (sameBodyMs === undefined || !nameless) {
      expect(keysOf(await eventsRead(fixture, good, nowMs + 7 * 86_400_000))).toEqual(keysOf(before));
      return;
    }
    // Nobody names the event: it is one within its window, and another one after it.
    const begin = Math.floor(nowMs / sameBodyMs) * sameBodyMs;
    const within = await eventsRead(fixture, good, begin);
    expect(keysOf(await eventsRead(fixture, good, begin + sameBodyMs - 1))).toEqual(keysOf(within));
    expect(keysOf(await eventsRead(fixture, good, begin + sameBodyMs))).not.toEqual(keysOf(within));
  });

  testWhere(fixture.retry !== undefined)("a retry of it brings nothing new", async () => {
    const retried = requestFrom(
      fixture.retry?.({ secret: fixture.secret ?? "", at: nowMs + 60_000, url: good.url ?? "" }) ?? noSuch("retry"),
    );
    expect(await verifySent(fixture, retried, {}, nowMs + 60_000)).toMatchObject({ ok: true });
    const [before, again] = [await eventsRead(fixture, good), await eventsRead(fixture, retried, nowMs + 60_000)];
    expect(keysOf(again)).toEqual(keysOf(before));
    // Other bytes under the same id would be a conflict, and somebody would be called to look at it.
    expect(again.map(({ bodyHash }) => bodyHash)).toEqual(before.map(({ bodyHash }) => bodyHash));
  });

  test("what the signature does not cover is named, and bytes under another id are known by themselves", async () => {
    if (recipe.family === "secret" || recipe.family === "jwt") return;
    const covered = [
      recipe.idHeader ?? [],
      recipe.timestamp !== undefined && signsTime(recipe.template) ? timeHeader(recipe) : [],
    ].flat();
    for (const part of ["id", "type"] as const) {
      const unsigned = headersOf(reading[part]).filter((name) => !covered.includes(name));
      expect([part, scheme.unsignedFields.includes(part)]).toEqual([part, unsigned.length > 0]);
    }
    if (scheme.tenant !== null && "header" in scheme.tenant.place) expect(scheme.unsignedFields).toContain("tenant");
    // The age of the bytes must come from the bytes, if they contain it, because a header can be forged.
    const inBody = reading.time.map((place) => headersOf([place]).length === 0);
    expect(inBody).toEqual([...inBody].sort().reverse());
    const events = await eventsRead(fixture, good);
    if (!scheme.unsignedFields.includes("id")) {
      // Without a signed id and a signed timestamp, the bytes can be replayed too.
      const isTimeless = recipe.timestamp === undefined && reading.sameBodyMs !== undefined;
      const named = events.filter(({ externalId }) => externalId !== null || !isTimeless);
      return expect(JSON.stringify(named)).not.toContain("idUnsigned");
    }
    const renamed = headersOf(reading.id).reduce(
      (request, name) => (name in request.headers ? withHeader(request, name, "another-id") : request),
      good,
    );
    expect(await verifySent(fixture, renamed)).toMatchObject({ ok: true });
    const others = await eventsRead(fixture, renamed);
    expect(others.map(({ bodyHash }) => bodyHash)).toEqual(events.map(({ bodyHash }) => bodyHash));
    for (const event of [...events, ...others]) expect(event.idUnsigned).toBe(true);
  });

  test("nothing is kept that lets anybody send as the sender does", async () => {
    const source = await sourceOf(fixture);
    const kept = JSON.stringify([crmWebhooks.storedHeaders(source, good), await readSent(fixture, good)]);
    const proof = proofOf(fixture, good);
    expect(proof).not.toBe("");
    expect(kept).not.toContain(proof);
    if (recipe.family === "secret") expect(kept).not.toContain(fixture.secret);
    for (const name of [recipe.family === "secret" ? [] : recipe.header].flat())
      expect(Object.keys(crmWebhooks.storedHeaders(source, good))).not.toContain(name.toLowerCase());
  });

  test("its answer is the one that its sender expects", async () => {
    expect(crmWebhooks.answer(await sourceOf(fixture))).toEqual(fixture.answer ?? null);
    // 410 makes several senders forget their webhook for good.
    expect(fixture.answer?.status ?? 202).toBeGreaterThanOrEqual(200);
    expect(fixture.answer?.status ?? 202).toBeLessThan(300);
  });
});

const batched = named.flatMap(({ name, fixture }) =>
  fixture.batch === undefined ? [] : [{ name, fixture, batch: fixture.batch }],
);

test("every scheme that splits has a fixture that sends batches", () => {
  for (const { name, fixture } of named) {
    const { split } = chosenBy(fixture).scheme.reading(fullOf(fixture));
    expect([name, fixture.batch !== undefined]).toEqual([name, split !== ""]);
  }
});

describe.each(batched)("$name, in batches", ({ fixture, batch }) => {
  const { scheme } = chosenBy(fixture);
  const reading = scheme.reading(fullOf(fixture));
  const sent = (body: string) => requestBy(fixture, { body });

  test.each([1, 3, 100])("%i at once are so many events, each by itself", async (count) => {
    const request = sent(batch(count));
    expect(await verifySent(fixture, request)).toMatchObject({ ok: true });
    const events = await eventsRead(fixture, request);
    expect(events).toHaveLength(count);
    expect(new Set(keysOf(events)).size).toBe(count);
    expect(events.filter(({ unreadable }) => unreadable !== undefined)).toEqual([]);
    // Split otherwise they are the same events.
    if (headersOf(reading.id).length === 0) {
      const alone = await eventsRead(fixture, sent(batch(1)));
      expect(keysOf(events)).toContain(keysOf(alone)[0]);
    }
  });

  test("an empty one is a heartbeat, or no batch at all where its format cannot write one", async () => {
    const request = sent(batch(0));
    const answer = await readSent(fixture, request);
    if (scheme.formats[0] === "xml") expect(answer).toMatchObject({ ok: false, reason: "batch_missing" });
    else expect(answer).toEqual({ ok: true, events: [] });
  });

  test("an element that cannot be read is kept as such, and the others are good", async () => {
    const broken = fixture.brokenBatch ?? withStranger(batch(2), reading);
    const request = sent(broken);
    expect(await verifySent(fixture, request)).toMatchObject({ ok: true });
    const events = await eventsRead(fixture, request);
    expect(events.map(({ unreadable }) => unreadable ?? null)).toEqual([null, "not_an_object", null]);
    expect(new Set(keysOf(events)).size).toBe(3);
  });

  test("a thousand are read, and one more is refused as a whole", async () => {
    expect(await eventsRead(fixture, withBody(sent(batch(1)), batch(eventsPerRequestMax)))).toHaveLength(
      eventsPerRequestMax,
    );
    expect(await readSent(fixture, withBody(sent(batch(1)), batch(eventsPerRequestMax + 1)))).toMatchObject({
      ok: false,
      reason: "too_many_events",
    });
  });
});

function keysOf(events: readonly IncomingEvent[]): string[] {
  return events.map(({ dedupeKey }) => dedupeKey);
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function headersOf(places: readonly ValueLocation[]): string[] {
  return places.flatMap((place) => {
    if ("header" in place) return [place.header.toLowerCase()];
    return "joined" in place ? headersOf(place.joined) : [];
  });
}

function signsTime(template: string): boolean {
  return template.includes("{timestamp}");
}

function timeHeader(recipe: { timestamp?: { from: object } }): string[] {
  const from = recipe.timestamp?.from ?? {};
  return "header" in from && typeof from.header === "string" ? [from.header] : [];
}

function fullOf(fixture: CrmFixture) {
  const { preset } = chosenBy(fixture);
  return fullSettings(preset, fixture.settings ?? {});
}

/** A batch of two with something in the middle that is no event of its kind: a number among objects, an object among ids. */
function withStranger(body: string, { split, elementAs }: EventReading): string {
  const json = JSON.parse(body);
  const steps = split === "." ? [] : split.split(".");
  const list = steps.reduce((here, step) => here[step], json);
  list.splice(1, 0, elementAs === undefined ? 7 : {});
  return JSON.stringify(json);
}

function noSuch(what: string): never {
  throw new Error(`no ${what}`);
}
