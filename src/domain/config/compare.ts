/** Configuration in the terms of its document, for comparing it, showing a change, and writing the document again. */

import { isObject } from "../json.ts";
import type { RuleDefinition } from "../rules/rule.ts";
import type { HoursDefinition, LineSettings, SourceSettings } from "./stored.ts";

export type FieldChange = { readonly field: string; readonly from: unknown; readonly to: unknown };
type Fields = Readonly<Record<string, unknown>>;

/** A line's fields, in their usual order. */
export function lineFields(line: LineSettings) {
  return {
    agent: line.agent,
    calls_per_minute: line.callsPerMinute,
    calls_at_once: line.callsAtOnce,
    calls_per_day: line.callsPerDay,
    countries: line.countries,
    hours: line.hours === null ? null : documentHours(line.hours),
    webhook_settings: line.webhookSettings,
  };
}

/** A source's fields, without its secrets and rules. */
export function sourceFields(source: SourceSettings) {
  const { recordType: type, recordId: id } = source;
  return {
    preset: source.preset,
    tenant: source.tenant,
    country: source.country,
    zone: source.zone,
    settings: source.settings,
    order_number: source.orderNumber,
    record: type === null || id === null ? null : { type, id },
    fetch: source.fetch,
    api: source.api,
    shards: source.shards,
    silent_after: source.silentAfter,
  };
}

const ruleOrder: readonly (keyof RuleDefinition)[] = [
  "mode",
  "on",
  "fetch",
  "when",
  "withdraw",
  "also",
  "once_per",
  "line",
  "number",
  "country",
  "test_number",
  "about",
  "prompt",
  "greeting",
  "zone",
  "expires",
  "burst",
  "try_again",
];

/** A rule's fields that are set, in their usual order. */
export function ruleFields(definition: RuleDefinition): Fields {
  return Object.fromEntries(
    ruleOrder.filter((field) => definition[field] !== undefined).map((field) => [field, definition[field]]),
  );
}

/** @returns The fields that differ. A field that is missing on one side is `null` there. */
export function differences(from: Fields, to: Fields): FieldChange[] {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  return names
    .map((field) => ({ field, from: from[field] ?? null, to: to[field] ?? null }))
    .filter((change) => !isSameJson(change.from, change.to));
}

/** Whether two values are the same JSON, regardless of the order of keys. */
function isSameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item, index) => isSameJson(item, other[index]));
  if (!isObject(one) || !isObject(other)) return false;
  const [left, right] = [givenEntries(one), givenEntries(other)];
  return left.length === right.length && left.every(([key, value]) => isSameJson(value, other[key]));
}

function givenEntries(value: Fields): [string, unknown][] {
  return Object.entries(value).filter(([, item]) => item !== undefined);
}

function documentHours({ days, from, to, closed }: HoursDefinition) {
  return { days, from, to, ...(closed === undefined ? {} : { closed }) };
}
