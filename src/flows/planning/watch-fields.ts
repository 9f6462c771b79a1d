/**
 * Watches whether the fields that rules and templates read still arrive, and with their type. The sweep runs it, and no
 * event waits for it.
 */

import { compileIdentification } from "../../domain/events/identify.ts";
import { isObject, readJson } from "../../domain/json.ts";
import { observeCountries } from "../../domain/plan/country-watch.ts";
import { driftOf, freshField, observe, watchedFields } from "../../domain/plan/field-watch.ts";
import { compileRules } from "../../domain/rules/source-rules.ts";
import type { FieldStore, UnwatchedSource } from "../../ports/planning/fields.ts";

/** @returns The number of events checked. */
export async function watchFields(fields: FieldStore): Promise<number> {
  const sources = await fields.unwatched();
  for (const one of sources) await fields.watched(one.source.slug, one.mark, one.next, look(one));
  return sources.reduce((sum, { events }) => sum + events.length, 0);
}

function look({ source, events, states }: UnwatchedSource): Parameters<FieldStore["watched"]>[3] {
  const { rules } = compileRules(source.rules, source.fetch);
  const known = new Map(states.map((state) => [JSON.stringify([state.rule, state.path]), state]));
  const watched = watchedFields(compileIdentification(source), rules);
  const now = watched.map((field) => known.get(JSON.stringify([field.rule, field.path])) ?? freshField(field));
  const byName = new Map(rules.map((rule) => [rule.name, rule]));
  for (const event of events) {
    const json = readJson(event.body);
    // An event that is not an object already has a reason that says so.
    if (!json.ok || !isObject(json.value)) continue;
    const whole = { ...event, data: json.value };
    observe(watched, now, byName, whole);
    observeCountries(rules, now, whole, { slug: source.slug, country: source.country, zone: null });
  }
  return now.map((state) => ({ state, drift: driftOf(state) }));
}
