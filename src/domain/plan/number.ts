/**
 * A rule's numbers and their countries.
 *
 * The country of a number that is written without a calling code is what the rule's `country` gives. If that is empty, it is the source's;
 * if it cannot be read, the number has none and is not rung: never the source's instead. A number with a calling code needs no country.
 * Pure.
 */
import { readCountry } from "../people/country.ts";
import { type DialableNumber, type NumberRefusal, parseNumber, pickNumber } from "../people/phone.ts";
import type { MappingContext } from "../rules/context.ts";
import type { Rule } from "../rules/rule.ts";
import { pathsOf, renderText } from "../rules/text/text.ts";
import type { PlanSource } from "./draft.ts";

/** The country by which a number is read, and where it comes from. */
export type NumberCountry = {
  readonly country: string | null;
  readonly from: "rule" | "source";
  /** Why it is not the rule's, if the rule names one. */
  readonly problem: "country_empty" | "country_unreadable" | null;
  /** The field that the rule's `country` reads. */
  readonly path: string | null;
};

/** One of the rule's numbers: as its sender wrote it, its country, and what it is. */
export type CandidateNumber = {
  readonly text: string;
  readonly by: NumberCountry;
  readonly read: DialableNumber | NumberRefusal;
};

/** @returns the rule's numbers, in its order */
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
  // Of a number without a calling code, nothing can be said without its country.
  if (read.ok || read.reason !== "no_number" || problem !== "country_unreadable" || text.trim() === "") return read;
  return { ok: false, reason: "country_unreadable", detail: "is of a country that cannot be read" };
}

/** A number to ring, with the country that it was read by; or why there is none. */
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
