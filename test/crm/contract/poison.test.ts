import { describe, expect, test } from "vitest";
import { fullSettings } from "../../../src/crm/preset/settings.ts";
import type { IncomingEvent } from "../../../src/domain/events/webhook.ts";
import type { CrmFixture } from "../fixture.ts";
import { fixtures } from "../fixtures/index.ts";
import { nowMs } from "../requests.ts";
import {
  chosenBy,
  crmWebhooks,
  eventsRead,
  readSent,
  requestBy,
  sentBy,
  sourceOf,
  verifySent,
  withBody,
} from "./scene.ts";

const named = fixtures.map((fixture) => ({ name: `${fixture.preset} ${fixture.scheme}`, fixture }));

/**
 * Values that customers may write into a CRM's record, for each of the three languages. The sender signs them like any
 * other.
 */
const poisons: readonly { about: string; json: string; form: string; xml: string }[] = [
  {
    about: "keys that objects inherit",
    json: '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"hasOwnProperty":1,',
    form: "__proto__[polluted]=1&constructor[prototype][polluted]=1&hasOwnProperty=1&",
    xml: "<__proto__><polluted>1</polluted></__proto__><constructor>1</constructor>",
  },
  {
    about: "NUL, in values and in names",
    json: '"poison":"a\\u0000b","po\\u0000son":"\\u0000",',
    form: "poison=a%00b&po%00son=%00&",
    xml: "<poison>a\u0000b&#0;</poison>",
  },
  {
    about: "halves of characters",
    json: '"poison":"\\ud800x\\udc00","\\udfff":1,',
    form: "poison=%ED%A0%80x&%ED%BF%BF=1&",
    xml: "<poison>a&#xD800;b</poison>",
  },
  {
    about: "text that turns around, emoji and all of Unicode",
    json: '"poison":"\u202eabc\u2066 \u{1F9ED} \uffff",',
    form: "poison=%E2%80%AEabc%F0%9F%A7%AD&",
    xml: "<poison>\u202eabc\u{1F9ED}</poison>",
  },
];

describe.each(named)("$name", ({ fixture }) => {
  test.each(poisons)("keeps an event that holds $about, and it can be stored", async (poison) => {
    const request = requestBy(fixture, { body: poisoned(fixture, poison) });
    expect(await verifySent(fixture, request)).toMatchObject({ ok: true });
    const events = await eventsRead(fixture, request);
    expect(events).toHaveLength(fixture.events.length);
    expect(events.map(({ type }) => type)).toEqual(fixture.events.map(({ type }) => type));
    for (const event of events) expectStorable(event);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  test("loses no digit of a number past 2^53", async () => {
    const digits = "9007199254740993";
    const poison = { json: `"poison":${digits},`, form: `poison=${digits}&`, xml: `<poison>${digits}</poison>` };
    const events = await eventsRead(fixture, requestBy(fixture, { body: poisoned(fixture, poison) }));
    expect(events.filter(({ data }) => JSON.stringify(data).includes(digits)).length).toBeGreaterThan(0);
  });

  test("refuses what is nested too deeply, before anything recursive sees it", async () => {
    const deep = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
    for (const depth of [65, 10_000]) {
      const poison = {
        json: `"poison":${deep("[", "]", depth)},`,
        form: `poison${"[a]".repeat(depth)}=1&`,
        xml: deep("<a>", "</a>", depth),
      };
      const request = requestBy(fixture, { body: poisoned(fixture, poison) });
      expect(await readSent(fixture, request)).toMatchObject({ ok: false, reason: "too_deep" });
      expect(await verifySent(fixture, request)).toHaveProperty("ok");
    }
  });

  test("says what is wrong with bodies that hold no event, and never throws", async () => {
    const source = await sourceOf(fixture);
    for (const body of [
      "",
      " \n",
      "null",
      "7",
      '"x"',
      "true",
      "[7]",
      "{",
      "<a",
      "<a/>",
      "a",
      "=",
      "\ufeff",
      "{}{}",
      "][",
    ]) {
      const request = requestBy(fixture, { body });
      expect(await verifySent(fixture, request)).toHaveProperty("ok");
      const answer = await readSent(fixture, request);
      if (body.trim() === "") expect(answer).toMatchObject({ ok: false, reason: "empty" });
      for (const event of answer.ok ? answer.events : []) expectStorable(event);
      if (!answer.ok) expect(answer.detail).not.toBe("");
      expect(await crmWebhooks.handshake(source, request, nowMs)).toBeDefined();
    }
  });

  test("reads bytes that are no UTF-8 without a throw, and never as its sender's where it signs the body", async () => {
    const good = requestBy(fixture);
    for (const bytes of [
      [0xff, 0xfe],
      [0xc3, 0x28],
      [0xed, 0xa0, 0x80],
    ]) {
      for (const body of [new Uint8Array(bytes), new Uint8Array([...good.body, ...bytes])]) {
        const request = withBody(good, body);
        const verified = await verifySent(fixture, request);
        if (fixture.signs.includes("body")) expect(verified).toMatchObject({ ok: false });
        const answer = await readSent(fixture, request);
        for (const event of answer.ok ? answer.events : []) expectStorable(event);
      }
    }
  });
});

/** The sample with an additional field in its first record. */
function poisoned(fixture: CrmFixture, poison: { json: string; form: string; xml: string }): string {
  const { body } = sentBy(fixture);
  const format = body.startsWith("<") ? "xml" : /^[{[]/.test(body) ? "json" : "form";
  expect(chosenBy(fixture).scheme.formats).toContain(format);
  const first = splits(fixture) ? "[{" : "{";
  if (format === "json") return body.replace(first, first + poison.json);
  if (format === "form") return poison.form + body;
  // Inserts into the innermost element with children: the first place with two closing tags in a row ends the record
  // itself.
  const record = /<\/\w[\w:.-]*>\s*(?=<\/(?:sObject|[\w:.-]+)>\s*<\/)/.exec(body);
  if (record === null) throw new Error("the sample's XML has no record");
  const at = record.index + record[0].length;
  return body.slice(0, at) + poison.xml + body.slice(at);
}

/** Whether its events are objects of an array within the body. */
function splits(fixture: CrmFixture): boolean {
  const { preset, scheme } = chosenBy(fixture);
  const { split, elementAs } = scheme.reading(fullSettings(preset, fixture.settings ?? {}));
  return split !== "" && elementAs === undefined;
}

/** Values that Postgres and UTF-8 accept, and that are the same when they are read again. */
function expectStorable({ body, data, dedupeKey, externalId, type }: IncomingEvent): void {
  for (const text of [body, JSON.stringify(data), dedupeKey, externalId ?? "", type]) {
    expect(text.isWellFormed()).toBe(true);
    expect(text).not.toContain("\0");
  }
  expect(JSON.stringify(data)).not.toMatch(/\\u0000|\\ud[89a-f]/i);
  expect(dedupeKey.length).toBeLessThanOrEqual(300);
}
