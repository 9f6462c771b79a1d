/** Warnings about fields that went missing or changed their type: paths and types, never a value. */
import type { DriftedField } from "../../ports/planning/fields.ts";
import { iso } from "../moment.ts";

export function fieldView({ code, rule, path, since, from, to, lastAt, address }: DriftedField) {
  return { code, rule: rule === "" ? null : rule, path, since: iso(since), from, to, last_at: iso(lastAt), address };
}

export function fieldSentence({ code, rule, path, since, from, to, lastAt, address }: DriftedField): string {
  const reader = rule === "" ? "the source's own templates" : `the rule ${rule}`;
  if (code === "country_differs")
    return `${path}, which ${reader} reads, was read as a number of ${from === "none" ? "no country" : from} since ${iso(since)}, and ${address ?? "an address"} names ${to}: set \`country: "{{ ${address ?? "…"} }}"\` in the rule.`;
  if (code === "field_changed")
    return `${path}, which ${reader} reads, is ${to} since ${iso(since)}; before, it was ${from}.`;
  const last = lastAt === null ? "" : ` It last came at ${iso(lastAt)}.`;
  return `${path}, which ${reader} reads, is missing since ${iso(since)}.${last}`;
}
