import { describe, expect, test } from "vitest";
import type { NewEvent } from "../../../src/domain/events/event.ts";
import { acceptedAsNew, prepareEvents, restoreEvents } from "../../../src/domain/events/prepared.ts";
import { arrayElements, readElements } from "../../../src/domain/events/text-array.ts";
import { chance } from "../../chance.ts";

/** Texts that hold what separates, quotes, ends or stands for nothing. */
const hostile: readonly (string | null)[] = [
  null,
  "",
  "NULL",
  "null",
  ",",
  '"',
  "\\",
  '\\"',
  '","',
  '"\\",NULL,"',
  "{}",
  "{a,b}",
  '{"id":"a\\"b"}',
  '{\n\t"id": "a\\\\"\r\n}',
  "\u0001\u007f",
  "Zoë 東京 🙂 \u2028",
  "\\".repeat(9),
  '"'.repeat(9),
];

describe("a list of texts", () => {
  test("is read as it was written, whatever its texts hold", () => {
    const random = chance(13);
    for (let nth = 0; nth < 2_000; nth++) {
      const texts = Array.from(
        { length: Math.floor(random() * 8) },
        () => hostile[Math.floor(random() * hostile.length)] ?? null,
      );
      expect(readElements(arrayElements(texts))).toEqual(texts);
    }
  });

  test("is joined with another by a comma", () => {
    for (const one of hostile)
      for (const other of hostile)
        expect(readElements([arrayElements([one, other]), arrayElements([other])].join(","))).toEqual([
          one,
          other,
          other,
        ]);
  });
});

const verified = { secretId: "s1", sourceVersion: 7 };

function event(deviation: Partial<NewEvent> = {}): NewEvent {
  return {
    id: "00000000-0000-8000-8000-000000000001",
    source: "shop",
    dedupeKey: '["1","orders/updated"]',
    former: { id: "00000000-0000-8000-8000-000000000002", sameBody: true },
    externalId: "1",
    type: "orders/updated",
    occurredAt: 1_795_904_459_382.5,
    orderNumber: "#1001",
    orderNumberKey: "1001",
    record: { type: "order", id: "987" },
    body: '{"a":"b \\" c",\n"d":1}',
    bodyHash: "ab",
    bodyKey: "00000000-0000-8000-8000-000000000003",
    headers: { "x-a": 'a,"b"' },
    verified,
    ...deviation,
  };
}

describe("prepared events", () => {
  const { bodyKey: _, ...unkeyed } = event();
  const { verified: __, ...unsaid } = event();
  const { former: ___, ...older } = event();
  const kinds: NewEvent[] = [
    event(),
    unkeyed,
    event({ former: null, externalId: null, occurredAt: null, orderNumber: null, orderNumberKey: null, record: null }),
    event({ former: { id: "00000000-0000-8000-8000-000000000004", sameBody: false }, headers: {}, occurredAt: -1 }),
  ];

  test("are restored as they were", () => {
    const prepared = prepareEvents(kinds, new Map());
    expect(prepared && restoreEvents("shop", prepared)).toEqual(kinds);
    const key = prepareEvents([event({ verified: { secretId: null, sourceVersion: 0 } })], new Map());
    expect(key && restoreEvents("shop", key)[0]?.verified).toEqual({ secretId: null, sourceVersion: 0 });
  });

  test("name those whose end is not foreseen", () => {
    const other = event({ id: "00000000-0000-8000-8000-000000000009" });
    const ends = new Map([[event().id, "no_rule_matched" as const]]);
    expect(prepareEvents([event(), other, event()], ends)).toMatchObject({ toPlan: [1], verified });
  });

  test.each([
    ["there is none", []],
    ["nothing says how one was verified", [event(), unsaid]],
    ["two were verified by different versions", [event(), event({ verified: { ...verified, sourceVersion: 8 } })]],
    ["two were verified by different secrets", [event(), event({ verified: { ...verified, secretId: "s2" } })]],
    ["an earlier version named one", [event(), older]],
    ["a text has a zero character", [event({ orderNumber: "10\u00001" })]],
    ["a text has half a character", [event({ type: "a\ud83d" })]],
  ])("are none if %s", (_, events) => {
    expect(prepareEvents(events, new Map())).toBeNull();
  });

  test("have no time where there is no number", () => {
    for (const occurredAt of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const one = prepareEvents([event({ occurredAt })], new Map());
      expect(one && restoreEvents("shop", one)[0]?.occurredAt).toBeNull();
    }
  });

  test("are accepted as nothing but new", () => {
    expect(acceptedAsNew("a")).toEqual({ id: "a", duplicate: false, conflict: false });
  });
});
