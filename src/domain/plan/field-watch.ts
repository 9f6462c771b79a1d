/**
 * Monitors the fields that a source's rules and templates read. A field that disappears, or changes its type, breaks a
 * mapping that nobody has changed. Counts and types are stored, never a value. Pure. Too few events give no report: see
 * the limits below.
 */

import type { PlannableEvent } from "../events/event.ts";
import type { Identification } from "../events/identify.ts";
import { evaluateCondition } from "../rules/condition/condition.ts";
import { conditionPaths } from "../rules/condition/parts.ts";
import { type FieldType, typeOf, valuesAt } from "../rules/field-paths.ts";
import type { Rule } from "../rules/rule.ts";
import { pathsOf } from "../rules/text/text.ts";
import type { CountryDifference } from "./country-watch.ts";
import { contextOf } from "./plan.ts";

/** Events of a type that must have had the field before its absence counts. */
const fieldCameMin = 10;

/** Events of that type in a row without it. More are needed if it was rare before. */
const fieldAbsentMin = 10;

/** Highest probability that so many events lack it by chance, at its former frequency. */
const fieldChanceMax = 0.001;

/** Values in a row of another type. */
const fieldOtherMin = 5;

/** Time for which a new type is reported. Then it becomes the usual one. */
const fieldReportedMs = 604_800_000;

/** Event types that are counted for one field. Further types are ignored. */
const eventTypesMax = 10;

/** Number of events after which all earlier ones count half. */
const eventsRemembered = 10_000;

/** Counts of a field in events of one type. `absent`: events in a row without it, and since when. */
type Came = { events: number; came: number; absent: number; absentSince: number | null };

export type FieldState = {
  /** `""`: the source's own templates. */
  readonly rule: string;
  readonly path: string;
  came: Record<string, Came>;
  /** Number of values, the usual types, and a new type with its consecutive values. */
  values: number;
  types: FieldType[];
  other: FieldType | null;
  otherRun: number;
  otherSince: number | null;
  lastAt: number | null;
  /** For a number's field: an address that names another country than the one the number was read by. */
  country?: CountryDifference | undefined;
};

/** A change of a field to report. `from` and `to` are its types, or for `country_differs` the countries. */
export type FieldDrift = {
  readonly code: "field_gone" | "field_changed" | "country_differs";
  /** Epoch milliseconds. */
  readonly since: number;
  readonly from: string;
  readonly to: string | null;
};

/** A field that is read, and the rule whose condition decides whether an event counts. */
type WatchedField = { readonly rule: string; readonly path: string; readonly conditional: Rule | null };

/**
 * Lists the fields that are read. Conditions read them in all events of the rule's types, texts only in events that
 * pass the condition.
 *
 * @param rules Rules that are not off.
 */
export function watchedFields(identification: Identification, rules: readonly Rule[]): WatchedField[] {
  const fields = new Map<string, WatchedField>();
  const add = (rule: Rule | null, paths: readonly string[], conditional: boolean): void => {
    for (const path of paths) {
      if (!/^(?:data|record)[.[]/.test(path)) continue;
      const field = { rule: rule?.name ?? "", path, conditional: conditional ? rule : null };
      const key = JSON.stringify([field.rule, path]);
      if (!fields.has(key)) fields.set(key, field);
    }
  };
  for (const text of [identification.orderNumber, identification.recordType, identification.recordId])
    if (text !== null) add(null, pathsOf(text), false);
  for (const rule of rules) {
    if (rule.mode === "off") continue;
    if (rule.when !== null) add(rule, conditionPaths(rule.when), false);
    const texts = [
      rule.about,
      rule.prompt?.text,
      rule.greeting,
      rule.zone,
      rule.oncePer?.key,
      ...rule.numbers,
      ...rule.countries,
    ];
    for (const text of texts) if (text) add(rule, pathsOf(text), true);
  }
  return [...fields.values()];
}

/** State of a field before its first event. */
export function freshField({ rule, path }: Pick<WatchedField, "rule" | "path">): FieldState {
  return { rule, path, came: {}, values: 0, types: [], other: null, otherRun: 0, otherSince: null, lastAt: null };
}

/**
 * Updates the states of the fields by one event.
 *
 * @param fields The watched fields.
 * @param states Their states, in the same order. They are modified.
 * @param rules By name.
 */
export function observe(
  fields: readonly WatchedField[],
  states: readonly FieldState[],
  rules: ReadonlyMap<string, Rule>,
  event: PlannableEvent,
): void {
  const context = contextOf(event, event.source, event.data);
  const passed = new Map<Rule, boolean>();
  const passes = (rule: Rule): boolean => {
    const known = passed.get(rule);
    if (known !== undefined) return known;
    const answer = rule.when === null ? null : evaluateCondition(rule.when, context);
    // A missing field makes the condition fail, so a failed condition counts too.
    const made = answer === null || !answer.ok || answer.value;
    passed.set(rule, made);
    return made;
  };
  for (const [index, { rule: name, path, conditional }] of fields.entries()) {
    const state = states[index];
    const on = rules.get(name)?.on ?? null;
    if (state === undefined || (on !== null && !on.includes(event.type))) continue;
    // An event without fetched records tells nothing about their fields.
    if (path.startsWith("record") && (event.fetched ?? null) === null) continue;
    if (conditional !== null && !passes(conditional)) continue;
    const type = valuesAt(context, path)
      .map(typeOf)
      .find((found) => found !== null);
    noteArrival(state, event.type, type ?? null, event.receivedAt);
  }
}

function noteArrival(state: FieldState, eventType: string, type: FieldType | null, atMs: number): void {
  const came = cameOf(state, eventType);
  if (came === null) return;
  came.events += 1;
  if (came.events > eventsRemembered) {
    came.events /= 2;
    came.came /= 2;
  }
  if (type === null) {
    came.absent += 1;
    came.absentSince ??= atMs;
    return;
  }
  came.came += 1;
  came.absent = 0;
  came.absentSince = null;
  state.lastAt = atMs;
  noteType(state, type, atMs);
}

function cameOf(state: FieldState, eventType: string): Came | null {
  if (Object.hasOwn(state.came, eventType)) return state.came[eventType] ?? null;
  if (Object.keys(state.came).length >= eventTypesMax) return null;
  const fresh: Came = { events: 0, came: 0, absent: 0, absentSince: null };
  // Defined, not assigned: a sender's type may be called `__proto__`.
  Object.defineProperty(state.came, eventType, { value: fresh, enumerable: true, configurable: true, writable: true });
  return fresh;
}

function noteType(state: FieldState, type: FieldType, atMs: number): void {
  state.values += 1;
  if (state.types.length === 0) state.types = [type];
  if (state.types.includes(type)) {
    // Both types alternate, so both are usual for this sender.
    if (state.other !== null) state.types = [...state.types, state.other];
    state.other = null;
    state.otherRun = 0;
    state.otherSince = null;
    return;
  }
  if (state.other !== type) {
    state.other = type;
    state.otherRun = 0;
    state.otherSince = atMs;
  }
  state.otherRun += 1;
  if (state.otherRun >= fieldOtherMin && atMs - (state.otherSince ?? atMs) > fieldReportedMs) {
    state.types = [type];
    state.other = null;
    state.otherRun = 0;
    state.otherSince = null;
  }
}

/** @returns The change to report; null if nothing changed, or if there are too few events. */
export function driftOf(state: FieldState): FieldDrift | null {
  const usual = state.types.join(" or ");
  const gone = Object.values(state.came).filter(isGone);
  if (gone.length > 0) {
    const since = Math.min(...gone.map(({ absentSince }) => absentSince ?? Number.POSITIVE_INFINITY));
    return { code: "field_gone", since, from: usual, to: null };
  }
  if (state.country !== undefined) {
    const { since, from, to } = state.country;
    return { code: "country_differs", since, from, to };
  }
  const { other, otherRun, otherSince, values } = state;
  if (other === null || otherSince === null || otherRun < fieldOtherMin || values - otherRun < fieldCameMin)
    return null;
  return { code: "field_changed", since: otherSince, from: usual, to: other };
}

function isGone({ events, came, absent }: Came): boolean {
  if (came < fieldCameMin || absent < fieldAbsentMin) return false;
  const rate = Math.min(came / Math.max(events - absent, 1), 0.999);
  return (1 - rate) ** absent <= fieldChanceMax;
}
