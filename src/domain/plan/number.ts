/**
 * A rule's numbers and their countries. Pure.
 *
 * A number without a calling code is read by the rule's `country`. If that is empty, the source's country is used. If
 * it cannot be read, the number has no country and is not called; the source's country is not used instead. A number
 * with a calling code needs no country.
 */
import { readCountry } from "../people/country.ts";
import { type DialableNumber, type NumberRefusal, parseNumber, pickNumber } from "../people/phone.ts";
import type { MappingContext } from "../rules/context.ts";
import type { Rule } from "../rules/rule.ts";
import { pathsOf, renderText } from "../rules/text/text.ts";
import type { PlanSource } from "./draft.ts";

/** The country by which a number is read, and its origin. */
export type NumberCountry = {
  readonly country: string | null;
  readonly from: "rule" | "source";
  /** Reason why the rule's country was not used. */
  readonly problem: "country_empty" | "country_unreadable" | null;
  /** The field that the rule's `country` reads. */
  readonly path: string | null;
};

/** One of the rule's numbers: the sent text, its country, and the result of reading it. */
export type CandidateNumber = {
  readonly text: string;
  readonly by: NumberCountry;
  readonly read: DialableNumber | NumberRefusal;
};

/** @returns The rule's numbers, in order. */
export function candidateNumbers(rule: Rule, context: MappingContext, source: PlanSource): CandidateNumber[] {
  return rule.numbers.map((template, index) => {
    const made = renderText(template, context);
    const text = made.ok ? made.value : "";
    const by = countryOf(rule, index, context, source);
    return { text, by, read: readBy(text, by) };
  });
}

function countryOf({ countries }: Rule, index: number, context: MappingContext, source: PlanSource): NumberCountry {
  const template = countries.length > 1 ? countries[index] : countries[0];
  const own = { country: source.country, from: "source", path: null } as const;
  if (template === undefined) return { ...own, problem: null };
  const [path = null] = pathsOf(template);
  const made = renderText(template, context);
  if (made.ok && made.value === "") return { ...own, problem: "country_empty", path };
  const country = made.ok ? readCountry(made.value) : null;
  return { country, from: "rule", problem: country === null ? "country_unreadable" : null, path };
}

function readBy(text: string, { country, problem }: NumberCountry): DialableNumber | NumberRefusal {
  const read = parseNumber(text, country);
  // A number without a calling code cannot be read without its country.
  if (read.ok || read.reason !== "no_number" || problem !== "country_unreadable" || text.trim() === "") return read;
  return { ok: false, reason: "country_unreadable", detail: "has no calling code, and its country cannot be read" };
}

/** A number to call, with the country that it was read by; or the reason why there is none. */
export function chooseNumber(
  rule: Rule,
  context: MappingContext,
  source: PlanSource,
): (DialableNumber & { readonly by: NumberCountry }) | NumberRefusal {
  const candidates = candidateNumbers(rule, context, source);
  const picked = pickNumber(candidates.map(({ read }) => read));
  if (!picked.ok) {
    const unreadable = candidates.find(({ read }) => !read.ok && read.reason === "country_unreadable");
    return picked.reason === "country_unreadable" ? { ...picked, path: unreadable?.by.path ?? null } : picked;
  }
  const { e164, country, index } = picked;
  return { ok: true, e164, country, by: candidates[index]?.by ?? countryOf(rule, index, context, source) };
}
