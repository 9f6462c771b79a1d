/**
 * A rule: the events that become calls, and the texts of those calls.
 *
 * {@link RuleDefinition} is the document as people write it (hookline.yaml, the API). {@link compileRule} turns it into
 * a {@link Rule}, or into mistakes with the path of the field and the position in its text. No I/O, no clock.
 */

import { sanitizeText } from "../json.ts";
import { burstDefault, expiresDefaultMs } from "../limits.ts";
import { parseNumber } from "../people/phone.ts";
import { type Condition, compileCondition, readsRecord } from "./condition/condition.ts";
import { partsOf } from "./condition/parts.ts";
import { parseDuration } from "./duration.ts";
import type { TextMistake } from "./mistake.ts";
import type { Text, TextUse } from "./text/program.ts";
import { compileText } from "./text/text.ts";

export const ruleModes = ["off", "shadow", "test", "live"] as const;
export type RuleMode = (typeof ruleModes)[number];

/** Outcomes after which a rule may call again by itself, because nobody was reached. */
export const againOutcomes = ["no_answer", "busy"] as const;
type AgainOutcome = (typeof againOutcomes)[number];

/** A rule as written. Its names are snake_case, as in the document. */
export type RuleDefinition = {
  mode?: RuleMode | undefined;
  on?: string[] | undefined;
  when?: string | undefined;
  withdraw?: string | undefined;
  also?: boolean | undefined;
  once_per?: { key: string; in: string } | undefined;
  line: string;
  number: string | string[];
  /** Country of numbers without a calling code: one for all numbers, or one for each. */
  country?: string | string[] | undefined;
  test_number?: string | undefined;
  about: string;
  prompt?: string | { text: string; overwrite?: boolean | undefined } | undefined;
  greeting?: string | undefined;
  zone?: string | undefined;
  expires?: string | undefined;
  burst?: { calls: number; in: string } | undefined;
  try_again?: { on: AgainOutcome[]; after: string[] } | undefined;
  /** Absent: the source's default `fetch` list. */
  fetch?: string[] | undefined;
};

export type Rule = {
  readonly name: string;
  readonly version: number;
  readonly mode: RuleMode;
  readonly on: readonly string[] | null;
  readonly when: Condition | null;
  readonly withdraw: Condition | null;
  readonly also: boolean;
  readonly oncePer: { readonly key: Text; readonly windowMs: number } | null;
  readonly line: string;
  readonly numbers: readonly Text[];
  /** One country for all numbers, or one for each number. Empty: the source's country. */
  readonly countries: readonly Text[];
  readonly testNumber: string | null;
  readonly about: Text;
  readonly prompt: { readonly text: Text; readonly overwrite: boolean } | null;
  readonly greeting: Text | null;
  readonly zone: Text | null;
  readonly expiresMs: number;
  readonly burst: { readonly calls: number; readonly windowMs: number };
  readonly tryAgain: TryAgain | null;
  /** Records fetched from the sender's API before the rule decides, `record` in conditions and texts. */
  readonly fetch: readonly string[];
  /** Parts of `when` without `record`. If one of them is false, nothing is fetched. */
  readonly early: readonly Condition[];
};

/** Delays of further tries after an outcome: the n-th try is followed by another one `afterMs[n - 1]` later. */
export type TryAgain = { readonly on: readonly AgainOutcome[]; readonly afterMs: readonly number[] };

/** A mistake in a document: path of the field, line and column in its text, and the reason. */
export type Mistake = {
  readonly path: (string | number)[];
  readonly line?: number;
  readonly column?: number;
  readonly reason: string;
};

/**
 * Compiles a rule.
 *
 * @param name The rule's name within its source.
 * @param version The saved version of this definition.
 * @param fetchDefault Records to fetch if the rule does not set `fetch`.
 * @returns The rule, or all its mistakes.
 */
export function compileRule(
  name: string,
  version: number,
  definition: RuleDefinition,
  fetchDefault: readonly string[] = [],
): { ok: true; rule: Rule } | { ok: false; mistakes: Mistake[] } {
  const mistakes: Mistake[] = [];
  const note = (path: (string | number)[], mistake: TextMistake | string): null => {
    // A parser may quote half of a surrogate pair, and Postgres cannot store that.
    const { reason, ...where } = typeof mistake === "string" ? { reason: mistake } : mistake;
    mistakes.push({ path, ...where, reason: sanitizeText(reason) });
    return null;
  };
  const text = (path: (string | number)[], source: string, use: TextUse): Text | null => {
    const made = compileText(source, use);
    return made.ok ? made.text : note(path, made.mistake);
  };
  const condition = (path: string, source: string | undefined): Condition | null => {
    if (source === undefined) return null;
    const made = compileCondition(source);
    return made.ok ? made.condition : note([path], made.mistake);
  };
  const duration = (path: (string | number)[], source: string): number => {
    const made = parseDuration(source);
    if (made.ok) return made.ms;
    note(path, made.reason);
    return 0;
  };
  const optional = (path: string, source: string | undefined, use: TextUse): Text | null =>
    source === undefined ? null : text([path], source, use);

  const when = condition("when", definition.when);
  const withdraw = condition("withdraw", definition.withdraw);
  const candidates = Array.isArray(definition.number) ? definition.number : [definition.number];
  const numbers = candidates.map((candidate, index) =>
    text(Array.isArray(definition.number) ? ["number", index] : ["number"], candidate, "number"),
  );
  const countries = compileCountries(definition, candidates.length, text, note);
  const about = text(["about"], definition.about, "about");
  const prompt = compilePrompt(definition.prompt, text);
  const greeting = optional("greeting", definition.greeting, "greeting");
  const zone = optional("zone", definition.zone, "number");
  const onceKey = definition.once_per ? text(["once_per", "key"], definition.once_per.key, "value") : null;
  const onceMs = definition.once_per ? duration(["once_per", "in"], definition.once_per.in) : 0;
  const expiresMs = definition.expires === undefined ? expiresDefaultMs : duration(["expires"], definition.expires);
  const burst = definition.burst
    ? { calls: definition.burst.calls, windowMs: duration(["burst", "in"], definition.burst.in) }
    : burstDefault;
  const tryAgain = definition.try_again
    ? {
        on: definition.try_again.on,
        afterMs: definition.try_again.after.map((pause, index) => duration(["try_again", "after", index], pause)),
      }
    : null;
  const testNumber = compileTestNumber(definition, note);
  const fetch = definition.fetch ?? fetchDefault;

  if (mistakes.length > 0 || about === null) return { ok: false, mistakes };
  return {
    ok: true,
    rule: {
      name,
      version,
      mode: definition.mode ?? "shadow",
      on: definition.on ?? null,
      when,
      withdraw,
      also: definition.also ?? false,
      oncePer: onceKey ? { key: onceKey, windowMs: onceMs } : null,
      line: definition.line,
      numbers: numbers.filter((number) => number !== null),
      countries: countries.filter((country) => country !== null),
      testNumber,
      about,
      prompt,
      greeting,
      zone,
      expiresMs,
      burst,
      tryAgain,
      fetch,
      early: fetch.length === 0 || when === null ? [] : withoutRecord(when),
    },
  };
}

function compileCountries(
  { country }: RuleDefinition,
  numbers: number,
  text: (path: (string | number)[], source: string, use: TextUse) => Text | null,
  note: (path: string[], reason: string) => null,
): (Text | null)[] {
  if (country === undefined) return [];
  if (!Array.isArray(country)) return [text(["country"], country, "number")];
  if (country.length !== numbers && country.length !== 1)
    return [
      note(["country"], `has ${country.length} countries for ${numbers} numbers: give one, or one for each number`),
    ];
  return country.map((one, index) => text(["country", index], one, "number"));
}

function compilePrompt(
  prompt: RuleDefinition["prompt"],
  text: (path: (string | number)[], source: string, use: TextUse) => Text | null,
): Rule["prompt"] {
  if (prompt === undefined) return null;
  const short = typeof prompt === "string";
  const made = text(short ? ["prompt"] : ["prompt", "text"], short ? prompt : prompt.text, "prompt");
  return made === null ? null : { text: made, overwrite: short ? false : (prompt.overwrite ?? false) };
}

/** @returns The rule as if it were live: it calls the customer's number. */
export function asLive(rule: Rule): Rule {
  return { ...rule, mode: "live", testNumber: null };
}

function withoutRecord(when: Condition): Condition[] {
  return partsOf(when).flatMap(({ condition }) => (readsRecord(condition) ? [] : condition));
}

function compileTestNumber(definition: RuleDefinition, note: (path: string[], reason: string) => null): string | null {
  if (definition.test_number === undefined)
    return definition.mode === "test" ? note(["test_number"], "is missing: mode `test` calls this number") : null;
  const parsed = parseNumber(definition.test_number, null);
  return parsed.ok
    ? parsed.e164
    : note(["test_number"], "is not a number that can be called, in E.164 such as +14155550100");
}
