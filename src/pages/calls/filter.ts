/** The filter of the calls page: fields of its form, which live in the address. */

import { callReasons } from "../../domain/call-reasons.ts";
import { callStatuses, outcomes } from "../../domain/calls/call.ts";
import { isWallTime, utcOf } from "../parts/wall-time.ts";
import { plain } from "../parts/words.ts";

/** Attributes of the menus above the list, of which one is open at a time. */
export const menu = { name: "menu" } as const;

/** Fields that the API filters by, each with its name for people. The first ones have a field in the form. */
export const filterNames = {
  status: "Status",
  outcome: "Outcome",
  reason: "Reason",
  source: "Source",
  rule: "Rule",
  line: "Line",
  from: "Made from",
  to: "Made before",
  order_number: "Order",
  number: "Number",
  conversation: "Conversation",
  record_type: "Record type",
  record_id: "Record",
} as const;
export type ListFilterName = keyof typeof filterNames;

export type ListFilter = Partial<Readonly<Record<ListFilterName, string>>>;

/** Choices of the fields that have a closed list. */
export const filterChoices = {
  status: callStatuses,
  outcome: outcomes,
  reason: Object.keys(callReasons).sort(),
} as const;

const names = Object.keys(filterNames) as ListFilterName[];

/**
 * @param zone Zone of times without one, as a form sends them.
 * @returns The filter. Blank fields are left out, and times are in UTC, so that a shared address means the same to all.
 */
export function readFilter(query: URLSearchParams, zone: string): ListFilter {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = (query.get(name) ?? "").trim();
      if (value === "") return [];
      const isMoment = name === "from" || name === "to";
      return [[name, isMoment && isWallTime(value) ? utcOf(value, zone) : value]];
    }),
  );
}

export function setFields(filter: ListFilter): [ListFilterName, string][] {
  return names.flatMap((name) => {
    const value = filter[name];
    return value === undefined ? [] : [[name, value] as [ListFilterName, string]];
  });
}

/** @returns The address of the list with this filter. */
export function listPath(filter: ListFilter, more: Readonly<Record<string, string>> = {}, base = "/calls"): string {
  const query = new URLSearchParams([...setFields(filter), ...Object.entries(more)]).toString();
  return query === "" ? base : `${base}?${query}`;
}

/** @returns The filter without one field. */
export function without(filter: ListFilter, left: ListFilterName): ListFilter {
  return Object.fromEntries(setFields(filter).filter(([name]) => name !== left));
}

/** @returns A value of a closed list in words. */
export function choiceText(name: ListFilterName, value: string): string {
  return name in filterChoices ? value.split(",").map(plain).join(" or ") : value;
}
