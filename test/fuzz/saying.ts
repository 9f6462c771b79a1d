/** Properties of what is said: what stands for nothing is never said, and what says something always is. */
import fc from "fast-check";
import type { PlannableEvent } from "../../src/domain/events/event.ts";
import { planEvent } from "../../src/domain/plan/plan.ts";
import { compileRules } from "../../src/domain/rules/source-rules.ts";
import { nowMs } from "../crm/requests.ts";
import { must, type Property } from "./property.ts";

const programsWord = fc.constantFrom("undefined", "null", "NULL", "None", "NaN", "[object Object]", "N/A", "n/a");
const field = fc.stringMatching(/^[a-z]{1,8}(?:[._][a-z]{1,8}){0,2}$/);
const placeholder = fc
  .tuple(
    fc.constantFrom(
      ["{{", "}}"],
      ["{{ ", " }}"],
      ["{{{", "}}}"],
      ["{!", "}"],
      ["#{", "}"],
      ["*|", "|*"],
      ["%%", "%%"],
      ["[[", "]]"],
      ["<%= ", " %>"],
    ),
    field,
  )
  .map(([[open, close], name]) => open + name + close);
const peoplesWord = fc.constantFrom(
  "none",
  "k. A.",
  "entfällt",
  "ninguno",
  "non renseigné",
  "なし",
  "无",
  "нет данных",
);
const signs = fc.string({ unit: fc.constantFrom("-", "–", "—", ".", "_", "?"), minLength: 1, maxLength: 5 });
const space = fc.constantFrom("", " ", "\n", "\t ", "\u00a0");

/** Stands for nothing by the way it is made. */
const nothing = fc
  .tuple(
    space,
    fc.oneof(
      fc.array(programsWord, { minLength: 1, maxLength: 3 }).map((words) => words.join(" ")),
      fc.array(placeholder, { minLength: 1, maxLength: 3 }).map((fields) => fields.join(", ")),
      peoplesWord,
      signs,
      fc
        .tuple(fc.constantFrom(["(", ")"], ["<", ">"], ['"', '"']), programsWord)
        .map(([[open, close], word]) => open + word + close),
    ),
    space,
  )
  .map((parts) => parts.join(""));

/** A name or a sentence: beside what may be like the above it has a word of its own. */
const something = fc
  .tuple(
    fc.option(fc.oneof(programsWord, placeholder, peoplesWord), { nil: "" }),
    fc.constantFrom("Ada", "Zoë", "Müller", "李", "Ольга", "Nan", "O'Brien", "kettle", "1001", "👍"),
    fc.option(fc.oneof(programsWord, placeholder, peoplesWord), { nil: "" }),
  )
  .map((parts) => ({ value: parts.filter((part) => part !== "").join(" "), word: parts[1] }));

const rules = compileRules(
  [
    { name: "plain", greeting: "Hello {{ data.name }}." },
    { name: "default", greeting: 'Hello {{ data.name | default: "there" }}.', also: true },
  ].map(({ name, ...more }) => ({
    name,
    version: 1,
    definition: { mode: "live", line: "support", number: "+14155550100", about: "A lead.", ...more },
  })),
);
const line = {
  slug: "support",
  agent: "a",
  callsPerMinute: 9,
  callsAtOnce: 9,
  callsPerDay: 9,
  countries: ["US"],
  hours: null,
};

function greetings(name: string) {
  const event: PlannableEvent = {
    id: "00000000-0000-8000-8000-000000000001",
    source: "shop",
    externalId: null,
    type: "lead.new",
    occurredAt: null,
    receivedAt: nowMs,
    record: null,
    data: { name },
  };
  const source = { slug: "shop", country: "US", zone: null };
  return planEvent(event, rules, { source, lines: new Map([["support", line]]), nowMs }).calls;
}

export const sayingProperties: readonly Property[] = [
  {
    name: "What stands for nothing is never said: the call is held, or says its default",
    weight: 1,
    make: () =>
      fc.property(nothing, (name) => {
        const [plain, fallback] = greetings(name);
        must(plain?.status === "held" && plain.reason === "placeholder", "a call without a value is not held");
        must(plain?.greeting === null && plain.detail?.path === "data.name", "the field is not named");
        must(fallback?.status === "queued" && fallback.greeting === "Hello there.", "the default is not said");
      }),
  },
  {
    name: "What says something is said, whatever stands beside it",
    weight: 1,
    make: () =>
      fc.property(something, ({ value, word }) => {
        for (const call of greetings(value))
          must(call.status === "queued" && call.greeting?.includes(word) === true, `${word} is not said`);
      }),
  },
];
