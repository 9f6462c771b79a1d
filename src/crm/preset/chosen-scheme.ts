import { type BodyRules, bodyRules } from "./body-rules.ts";
import type { EventReading, FullSettings, GivenSettings, Preset, Scheme, ValueLocation } from "./preset.ts";
import type { SignatureRecipe } from "./recipe.ts";
import { secretHeaders } from "./secret-headers.ts";
import { fullSettings } from "./settings.ts";

/** Setting that picks a scheme. Every preset has it. */
export const schemeSetting = "scheme";

/** The scheme that a source has chosen of its preset, with its settings. */
export type Chosen = {
  readonly scheme: Scheme;
  readonly settings: FullSettings;
  readonly recipe: SignatureRecipe;
  /**
   * Locations of the event's fields, without headers that carry the secret. Settings may name such a header by mistake.
   */
  readonly reading: EventReading;
  readonly body: BodyRules;
};

/** Chosen schemes, by settings object, which lives as long as the source's copy. */
const chosen = new WeakMap<GivenSettings, { readonly preset: Preset; readonly chosen: Chosen }>();

/**
 * @param settings As stored, without defaults.
 * @returns The scheme that the settings name, else the preset's first, which is the safest. `settings` includes the
 *   defaults.
 */
export function schemeOf(preset: Preset, settings: GivenSettings): Chosen {
  const known = chosen.get(settings);
  if (known?.preset === preset) return known.chosen;
  const made = makeChosen(preset, settings);
  chosen.set(settings, { preset, chosen: made });
  return made;
}

function makeChosen(preset: Preset, given: GivenSettings): Chosen {
  const [safest] = preset.schemes;
  const named = preset.schemes.find(({ name }) => name === given[schemeSetting]) ?? safest;
  const settings = fullSettings(preset, given);
  const scheme = named.bySettings === undefined ? named : { ...named, ...named.bySettings(settings) };
  const recipe = scheme.recipe(settings);
  const reading = withoutHeaders(scheme.reading(settings), secretHeaders(scheme, recipe));
  return { scheme, settings, recipe, reading, body: bodyRules(scheme, recipe) };
}

function withoutHeaders(reading: EventReading, secret: ReadonlySet<string>): EventReading {
  const isOpen = (place: ValueLocation): boolean => {
    if ("header" in place) return !secret.has(place.header.toLowerCase());
    return !("joined" in place) || place.joined.every(isOpen);
  };
  const { id, type, time } = reading;
  return { ...reading, id: id.filter(isOpen), type: type.filter(isOpen), time: time.filter(isOpen) };
}
