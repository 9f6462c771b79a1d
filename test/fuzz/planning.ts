/** Properties of rules over hostile payloads: they never throw, and their calls can be stored, shown and dialled. */
import fc from "fast-check";
import { presets } from "../../src/crm/presets/index.ts";
import { readEvents } from "../../src/crm/reading/events.ts";
import type { Line } from "../../src/domain/calls/line.ts";
import type { PlannableEvent } from "../../src/domain/events/event.ts";
import { compileIdentification, identify } from "../../src/domain/events/identify.ts";
import { sanitizeText } from "../../src/domain/json.ts";
import { parseNumber } from "../../src/domain/people/phone.ts";
import { planEvent } from "../../src/domain/plan/plan.ts";
import type { RuleDefinition } from "../../src/domain/rules/rule.ts";
import { compileRules } from "../../src/domain/rules/source-rules.ts";
import { textOutputBytesMax } from "../../src/domain/rules/text/limits.ts";
import { nowMs } from "../crm/requests.ts";
import { hostileText, jsonAtom, jsonObject, jsonTree, utf8, withoutDoubledNumbers } from "./hostile.ts";
import { must, mustBeStorable, mustNotPollute, type Property } from "./property.ts";
import { fuzzAddress, subjectOf } from "./subjects.ts";

const conditions = [
  "data.id == data.type",
  'data.a.b == "x"',
  "has(data.a) && has(data.a.b)",
  "size(data.items) > 0",
  'data.items.exists(i, i.a == "x")',
  'string(data.id).contains("1")',
  "double(data.total) > 100.0",
  "int(data.total) > 5",
  'data.tags.split(", ").size() > 1',
  "data.a == null || data.b == true",
  'data["__proto__"] == null',
  "data.constructor == null",
  'event.type.startsWith("order")',
  "timestamp(data.time) > timestamp(event.occurred_at)",
  'data.a in ["x", "y"]',
  "data.a + data.b == data.c",
  'data.id.matches("^[0-9]+$")',
] as const;

const templates = [
  "{{ data.id }}",
  '{{ data.a | default: "none" }}',
  "{{ data }}",
  "{{ data.a.b.c }} {{ data.b[0].c }}",
  '{{ data.a | append: data.b | upcase | truncate: 30 | split: "," | join: "-" }}',
  "{% for item in data.items %}{{ item.a }}{% for inner in item %}{{ inner }}{% endfor %}{% endfor %}",
  '{% if data.a == data.b %}same{% elsif data.a contains "x" %}x{% else %}{{ data.c | escape }}{% endif %}',
  "{{ data.time | date: '%H:%M' }} {{ data.total | plus: 1 | times: 2 | round: 2 }}",
  "{{ data.__proto__ }}{{ data.constructor.name }}{{ data.toString }}",
  "{{ data.a | strip | replace: 'x', data.b | first }} {{ data.items | size }}",
  '{% case data.a %}{% when "x" %}1{% else %}{{ data.a | default: "-" }}{% endcase %}',
  "{{ event.id }} {{ event.type }} {{ event.occurred_at }}",
] as const;

const line: Line = {
  slug: "support",
  agent: "agent-1",
  callsPerMinute: 10,
  callsAtOnce: 3,
  callsPerDay: 500,
  countries: ["US", "DE", "GB", "SA"],
  hours: null,
};

/** Rules come out of Postgres, which takes neither NUL nor half a character. */
const storedText = hostileText.map(sanitizeText);

const text = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<string>(...templates) },
  { weight: 1, arbitrary: storedText },
);

const definition: fc.Arbitrary<RuleDefinition> = fc
  .record({
    mode: fc.constantFrom("live", "shadow"),
    when: fc.option(
      fc.oneof({ weight: 8, arbitrary: fc.constantFrom<string>(...conditions) }, { weight: 1, arbitrary: storedText }),
      { nil: undefined },
    ),
    withdraw: fc.option(fc.constantFrom<string>(...conditions), { nil: undefined }),
    number: fc.constantFrom("{{ data.phone }}", "{{ data.id }}", "+14155550100", "{{ data.a }}"),
    about: text,
    prompt: fc.option(text, { nil: undefined }),
    greeting: fc.option(text, { nil: undefined }),
    zone: fc.option(fc.constantFrom("{{ data.zone }}", "{{ data.a }}", "Europe/Berlin"), { nil: undefined }),
    once_per: fc.option(
      text.map((key) => ({ key, in: "1d" })),
      { nil: undefined },
    ),
  })
  .map((rule) => ({ ...rule, line: "support" }));

/** A payload in which the fields that the rules read often stand. */
const payload = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        "id",
        "a",
        "b",
        "c",
        "type",
        "items",
        "phone",
        "total",
        "tags",
        "time",
        "zone",
        "__proto__",
        "constructor",
      ),
      fc.oneof(jsonAtom, jsonTree, jsonObject(jsonAtom)),
    ),
    { maxLength: 10 },
  )
  .map(
    (fields) =>
      `{${withoutDoubledNumbers(fields)
        .map(([name, value]) => `${JSON.stringify(name)}:${value}`)
        .join(",")}}`,
  );

const generic = presets.get("generic");
const subject = generic === undefined ? null : subjectOf(generic, {});

export const planningProperties: readonly Property[] = [
  {
    name: "No rule over no payload throws, and what it makes can be stored and dialled",
    weight: 4,
    make: () =>
      fc.asyncProperty(
        payload,
        fc.array(definition, { minLength: 1, maxLength: 3 }),
        storedText,
        async (body, rules, template) => {
          const event = await eventOf(body);
          if (event === null) return;
          const compiled = compileRules(
            rules.map((rule, index) => ({ name: `rule-${index}`, version: 1, definition: rule })),
          );
          const plan = planEvent(event, compiled, {
            source: { slug: "shop", country: "US", zone: null },
            lines: new Map([["support", line]]),
            nowMs,
          });
          mustNotPollute();
          mustBeStorable(plan);
          for (const call of plan.calls) {
            must(call.status === "skipped" ? call.reason !== null : true, "skipped without a reason");
            for (const said of [call.about, call.prompt, call.greeting]) {
              must(said === null || Buffer.byteLength(said) <= textOutputBytesMax, "a text that is too long");
              must(said === null || !/\p{Cs}|\0/u.test(said), "a text that cannot be said");
            }
            must(call.number === null || /^\+[1-9]\d{4,14}$/.test(call.number), "a number that is not E.164");
            must(call.status !== "queued" || call.number !== null, "queued without a number");
          }
          const made = identify(
            compileIdentification({ orderNumber: template, recordType: "order", recordId: "{{ data.id }}" }),
            "shop",
            { ...event, dedupeKey: "k", body, bodyHash: "" },
          );
          mustBeStorable(made);
        },
      ),
  },
  {
    name: "Any text is a number that may be dialled, or is refused with a reason that has none of its digits",
    weight: 1,
    make: () =>
      fc.property(
        fc.oneof(hostileText, dialled),
        fc.constantFrom(null, "US", "DE", "GB", "IT", "RU", "SA", "XX", ""),
        (raw, country) => {
          const parsed = parseNumber(raw, country);
          if (parsed.ok) {
            must(/^\+[1-9]\d{4,14}$/.test(parsed.e164) && /^[A-Z]{2}$/.test(parsed.country), "no E.164");
            const again = parseNumber(parsed.e164, country);
            must(again.ok && again.e164 === parsed.e164, "its own result is read otherwise");
            return;
          }
          const digits = raw.replace(/\D/g, "");
          must(digits.length < 4 || !parsed.detail.includes(digits), "a refusal tells the number");
        },
      ),
  },
];

const dialled = fc
  .array(
    fc.constantFrom(
      ..."0123456789+()-./ ,;x#*".split(""),
      "00",
      "+1",
      "+44",
      "+49",
      "(0)",
      "415",
      "900",
      "ext",
      "tel:",
      "٣",
      "５",
      "\u200f",
      "\u00a0",
      "FLOWERS",
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(""));

async function eventOf(body: string): Promise<PlannableEvent | null> {
  if (subject === null) throw new Error("no preset generic");
  const request = { method: "POST", url: fuzzAddress, key: null, headers: {}, body: utf8(body) };
  const read = await readEvents({ preset: subject.preset, settings: subject.settings, request, nowMs });
  if (!read.ok) return null;
  const [event] = read.events;
  if (event === undefined) return null;
  const { externalId, type, occurredAt, data } = event;
  return {
    id: "00000000-0000-8000-8000-000000000001",
    source: "shop",
    externalId,
    type,
    occurredAt,
    receivedAt: nowMs,
    record: { type: "order", id: "1" },
    data,
  };
}
