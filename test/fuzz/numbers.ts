/**
 * Properties of the parser of numbers. A valid number is made and then written as senders write it, so the right reading is known. The parser
 * must read that number or, for bare digits, the national number as written. The test uses libphonenumber alone to decide what is right.
 */
import fc from "fast-check";
import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import { presets } from "../../src/crm/presets/index.ts";
import { readEvents } from "../../src/crm/reading/events.ts";
import type { Line } from "../../src/domain/calls/line.ts";
import { parseNumber } from "../../src/domain/people/phone.ts";
import { planEvent } from "../../src/domain/plan/plan.ts";
import { compileRules } from "../../src/domain/rules/source-rules.ts";
import { nowMs } from "../crm/requests.ts";
import { callingCode, type Planned, plannedCountries, validNumbers } from "../domain/people/valid-numbers.ts";
import { hostileText, utf8 } from "./hostile.ts";
import { must, type Property } from "./property.ts";
import { fuzzAddress, subjectOf } from "./subjects.ts";

/** A number, by its country, and its national digits. */
type Truth = { readonly country: Planned; readonly national: string };

const pool = new Map(plannedCountries.map((country) => [country, validNumbers(country, 40, 20_261_130)]));
const truth = fc
  .tuple(fc.constantFrom(...plannedCountries), fc.nat(39))
  .map(([country, index]): Truth => ({ country, national: pool.get(country)?.[index] ?? "" }));
const home = fc.constantFrom(...plannedCountries);

const e164 = ({ country, national }: Truth): string => `+${callingCode(country)}${national}`;
const digitsOf = (text: string): string => text.replace(/\D/g, "");

/** Whether digits are a whole national number of a country as they stand, by its national format. */
function isWholeIn(country: Planned, digits: string): boolean {
  const number = parsePhoneNumberFromString(`+${callingCode(country)}${digits}`);
  if (number?.isValid() !== true || number.nationalNumber !== digits) return false;
  const forms = [number.formatNational(), number.format("NATIONAL", { nationalPrefix: false })];
  return forms.some((form) => digitsOf(form) === digits);
}

const line: Line = {
  slug: "support",
  agent: "agent-1",
  callsPerMinute: 10,
  callsAtOnce: 3,
  callsPerDay: 500,
  countries: [...plannedCountries],
  hours: null,
};
const bearer = presets.get("bearer");
const subject = bearer === undefined ? null : subjectOf(bearer, {});
const rules = compileRules([
  { name: "r", version: 1, definition: { mode: "live", line: "support", number: "{{ data.phone }}", about: "Hello." } },
]);

/** The number that a body of a source is planned to ring, from its bytes; `null`: nobody's. */
async function rungBy(body: string, type: string, country: string): Promise<string | null> {
  if (subject === null) throw new Error("no preset bearer");
  const request = {
    method: "POST",
    url: fuzzAddress,
    key: null,
    headers: { "content-type": type },
    body: utf8(body),
  };
  const read = await readEvents({ preset: subject.preset, settings: subject.settings, request, nowMs });
  const [event] = read.ok ? read.events : [];
  if (event === undefined) throw new Error(`not read: ${body}`);
  const plan = planEvent(
    {
      id: "00000000-0000-8000-8000-000000000001",
      source: "shop",
      externalId: null,
      type: event.type,
      occurredAt: null,
      receivedAt: nowMs,
      record: null,
      data: event.data,
    },
    rules,
    { source: { slug: "shop", country, zone: null }, lines: new Map([["support", line]]), nowMs },
  );
  must(plan.calls.length === 1, "an event without its call");
  const [call] = plan.calls;
  must(call?.status !== "skipped" || call.reason !== null, "skipped without a reason");
  return call?.number ?? null;
}

/** Ornaments that say nothing of a number. */
const before = ["", "tel:", "tel://", "Cell phone: ", "Mobile ", "📞 ", "'", ", ", "Work: ", "\u202a", "callto:"];
const behind = ["", " x", " ext.", ",", ";", " ,,", " (mobile)", "#", ".", " extension", " cell"];

/** Ways to write the calling code and the number. */
const spellings: readonly ((code: string, national: string) => string)[] = [
  (code, national) => `+${code}${national}`,
  (code, national) => `+${code} ${national}`,
  (code, national) => `00${code} ${national}`,
  (code, national) => `+${code} +${code} ${national}`,
  (code, national) => `+${code} 00${code} ${national}`,
  (code, national) => `(+${code}) ${national}`,
  (code, national) => `++${code}.${national}`,
  (code, national) => `+${code}-${national.slice(0, 3)}-${national.slice(3)}`,
  (code, national) => `＋${code} ${national}`,
];

/** Older spellings of one number, by country; empty where there is none. */
function olderOf({ country, national }: Truth): readonly string[] {
  if (country === "BR" && /^\d\d9[6-9]/.test(national)) return [national.slice(0, 2) + national.slice(3)];
  return country === "MX" ? ["1", "01", "044", "045"].map((prefix) => prefix + national) : [];
}

export const numberProperties: readonly Property[] = [
  {
    name: "A number that lost its plus in a form rings nobody but its owner",
    weight: 1,
    make: () =>
      fc.asyncProperty(truth, home, fc.boolean(), async (one, country, encoded) => {
        const digits = digitsOf(e164(one));
        const body = `type=lead&id=1&phone=${encoded ? "%20" : "+"}${digits}&name=Ada+Lovelace`;
        const rung = await rungBy(body, "application/x-www-form-urlencoded", country);
        must(rung === null || rung === `+${digits}`, `${digits} of ${country} rings ${rung}`);
      }),
  },
  {
    name: "Bare digits ring their number abroad, or a national number that they are as they stand, or nobody",
    weight: 1,
    make: () =>
      fc.asyncProperty(truth, home, fc.boolean(), async (one, country, asNumber) => {
        const digits = digitsOf(e164(one));
        const body = `{"type":"lead","id":"1","phone":${asNumber ? digits : `"${digits}"`}}`;
        const rung = await rungBy(body, "application/json", country);
        const national = `+${callingCode(country)}${digits}`;
        const isReading = rung === `+${digits}` || (rung === national && isWholeIn(country, digits));
        must(rung === null || isReading, `${digits} of ${country} rings ${rung}`);
      }),
  },
  {
    name: "A number is found within its ornaments, and no other",
    weight: 1,
    make: () =>
      fc.property(
        truth,
        home,
        fc.constantFrom(...before),
        fc.constantFrom(...spellings),
        fc.constantFrom(...behind),
        (one, country, front, spell, end) => {
          const text = `${front}${spell(callingCode(one.country), one.national)}${end}`;
          const read = parseNumber(text, country);
          // Some countries have carriers whose own prefix begins with 00.
          const isOther = !read.ok && read.reason === "number_ambiguous" && text.includes("00");
          const isRefused = isOther || (!read.ok && read.reason === "number_refused");
          must(isRefused || (read.ok && read.e164 === e164(one)), `${text} of ${country}: ${JSON.stringify(read)}`);
        },
      ),
  },
  {
    name: "A number of an older plan becomes the one that replaced it",
    weight: 0.5,
    make: () =>
      fc.property(truth, home, fc.nat(3), (one, country, index) => {
        const older = olderOf(one)[index];
        if (older === undefined) return;
        const read = parseNumber(`+${callingCode(one.country)} ${older}`, country);
        const isRefused = !read.ok && read.reason === "number_refused";
        must(isRefused || (read.ok && read.e164 === e164(one)), `${older}: ${JSON.stringify(read)}`);
      }),
  },
  {
    name: "No digits are rung that were not written, but a calling code and what a numbering plan put in front",
    weight: 1,
    make: () =>
      fc.property(fc.oneof(piecedNumber, hostileText), home, (text, country) => {
        const read = parseNumber(text, country);
        if (read.ok) must(isWritten(read.e164.slice(1), text, callingCode(country)), `${text} rings ${read.e164}`);
      }),
  },
];

const piecedNumber = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "+",
        "00",
        "(0)",
        " ",
        "-",
        "/",
        ".",
        ",",
        "x",
        "ext.",
        "tel:",
        "E10",
        ".0",
        "1",
        "44",
        "52",
        "55",
        "15",
        "9",
      ),
      fc.constantFrom(
        "044",
        "0xx",
        "tel://",
        "Phone: ",
        "+44 ",
        "+1 ",
        " +",
        "#",
        "011",
        "225",
        "229",
        "84",
        "57",
        "54",
      ),
      fc.constantFrom("551161234567", "22997123456", "22507123456", "5715551234", "841201234567", "+54 11 15"),
      fc.nat(99_999_999).map(String),
    ),
    { maxLength: 7 },
  )
  .map((parts) => parts.join(""));

/** Digits that a plan put between the calling code, or the area, and the old number. */
const addedByPlan = [/^55\d\d9$/, /^2290?1$/, /^225(?:0[157]?|2[157]?)$/, /^576?0?$/, /^549\d{0,4}$/, /^84[35678]\d?$/];

/** Whether the longest end of a number that was written in a row leaves only a calling code, or what a plan added, in front of it. */
function isWritten(number: string, text: string, homeCode: string): boolean {
  const written = digitsOf(text.normalize("NFKC").replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660)));
  const most = Array.from({ length: number.length }, (_, cut) => cut).find((cut) =>
    written.includes(number.slice(cut)),
  );
  if (most === undefined || number.length - most < Math.min(4, number.length)) return false;
  const [front, end] = [number.slice(0, most), number.slice(most)];
  if (front === "" || homeCode.startsWith(front) || addedByPlan.some((form) => form.test(front))) return true;
  // A trunk zero, or an old prefix, stood between the calling code and the rest; or a URI names its context behind the number.
  return (
    new RegExp(`${front}\\d{1,3}${end}`).test(written) || (written.includes(front) && text.includes("phone-context"))
  );
}
