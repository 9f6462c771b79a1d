/**
 * Properties of values as senders write them: what stands for nothing is never said, what says something always is, and an amount or a time is
 * read as it was meant or not at all. The oracle is the way in which each value is made.
 */
import fc from "fast-check";
import type { PlannableEvent } from "../../src/domain/events/event.ts";
import { planEvent } from "../../src/domain/plan/plan.ts";
import { compileCondition, evaluateCondition } from "../../src/domain/rules/condition/condition.ts";
import { buildContext } from "../../src/domain/rules/context.ts";
import { compileRules } from "../../src/domain/rules/source-rules.ts";
import { readAmount } from "../../src/domain/written-amount.ts";
import { instantOf, readTime } from "../../src/domain/written-time.ts";
import { nowMs } from "../crm/requests.ts";
import { hostileText } from "./hostile.ts";
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

/** How a country groups digits and writes the decimals. */
const amountStyle = fc.constantFrom(
  [",", "."],
  [".", ","],
  [" ", ","],
  ["\u202f", ","],
  ["\u00a0", ","],
  ["'", "."],
  ["’", "."],
  ["", "."],
  ["", ","],
);
const money = fc.constantFrom(
  ["", ""],
  ["$", ""],
  ["US$ ", ""],
  ["", " €"],
  ["EUR ", ""],
  ["", " kr"],
  ["₹", ""],
  ["£", ""],
);

/** An amount in cents with the text that says it. */
const amount = fc
  .tuple(
    fc.integer({ min: 0, max: 10 ** 9 }),
    amountStyle,
    money,
    fc.boolean(),
    fc.constantFrom("", "-", "()", "after"),
  )
  .map(([cents, [group = "", decimal = "."], [before = "", after = ""], whole, minus]) => {
    const units = Math.floor(cents / 100);
    const grouped = String(units).replace(/\B(?=(?:\d{3})+$)/g, group);
    const size = whole ? grouped : `${grouped}${decimal}${String(cents % 100).padStart(2, "0")}`;
    const meant = (whole ? units : cents / 100) * (minus === "" ? 1 : -1);
    const text = `${minus === "-" ? "-" : ""}${before}${size}${minus === "after" ? "-" : ""}${after}`;
    return { text: minus === "()" ? `(${text})` : text, meant, bare: before + after === "" };
  });

/** An instant of whole seconds, with a text that says it. */
const written = fc
  .tuple(fc.integer({ min: 946_684_800, max: 4_102_444_799 }), fc.integer({ min: -12, max: 14 }), fc.nat({ max: 10 }))
  .map(([seconds, hours, form]) => {
    const meant = seconds * 1_000;
    const [date = "", clock = ""] = new Date(meant + hours * 3_600_000).toISOString().slice(0, 19).split("T");
    const two = String(Math.abs(hours)).padStart(2, "0");
    const sign = hours < 0 ? "-" : "+";
    const [year = "", month = "", day = ""] = date.split("-");
    const short = "JanFebMarAprMayJunJulAugSepOctNovDec".slice(Number(month) * 3 - 3, Number(month) * 3);
    const texts = [
      `${date} ${clock}${sign}${two}`,
      `${date}T${clock}${sign}${two}:00`,
      `${date}T${clock}.000000${sign}${two}00`,
      `${date} ${clock} ${sign}${two}00`,
      `${day} ${short} ${year} ${clock} ${sign}${two}00`,
      `${short} ${Number(day)} ${year} ${clock} GMT${sign}${two}00`,
      `/Date(${meant}${sign}${two}00)/`,
      `${meant / 1_000}`,
      `${meant}`,
      `${meant}000`,
      new Date(meant).toUTCString(),
    ];
    return { text: texts[form] ?? "", meant };
  });

const above = compileCondition("number(data.total) > 1000.0");

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
  {
    name: "An amount is read as its country writes it, or not at all",
    weight: 1,
    make: () =>
      fc.property(amount, ({ text, meant, bare }) => {
        const made = readAmount(text);
        // One point or comma and three digits: nobody knows, or a comma of English.
        const unclear = bare && /^\(?-?[1-9]\d{0,2}[.,]\d{3}-?\)?$/.test(text);
        must(made.ok || (unclear && made.reason === "two_readings"), `${text} is refused`);
        must(!made.ok || made.value === meant, `${text} is read as another amount`);
        if (!above.ok) throw new Error("the condition does not compile");
        const answer = evaluateCondition(above.condition, buildContext(facts, { total: text }, null));
        must(answer.ok ? answer.value === meant > 1_000 : !made.ok, `${text} decides otherwise in a condition`);
      }),
  },
  {
    name: "A time is read as the instant that was written",
    weight: 1,
    make: () =>
      fc.property(written, ({ text, meant }) => {
        const time = readTime(text);
        must(time !== null && instantOf(time) === meant, `${text} is another instant`);
      }),
  },
  {
    name: "No text makes the readers of amounts and times throw, and what they read is finite",
    weight: 1,
    make: () =>
      fc.property(fc.oneof(hostileText, pieces), (text) => {
        const made = readAmount(text);
        must(!made.ok || Number.isFinite(made.value), "an amount that is no number");
        const time = readTime(text);
        must(time === null || Number.isFinite(instantOf(time)), "a time that is none");
      }),
  },
];

const facts = { id: "e", type: "t", occurredAt: null, source: "shop" };

const pieces = fc
  .array(fc.constantFrom(..."0123456789.,-+'()$€ :/TZ", "2026-", "GMT", "Nov", "/Date(", ")/", "EUR", "٣", "  "), {
    maxLength: 24,
  })
  .map((parts) => parts.join(""));
