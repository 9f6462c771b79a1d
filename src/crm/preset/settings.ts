import { isObject, type JsonValue } from "../../domain/json.ts";
import type { FullSettings, GivenSettings, Preset, SettingMistake, SettingSpec } from "./preset.ts";
import type { SecretLocation } from "./recipe.ts";
import { templateTokens } from "./recipe.ts";

/** Largest tolerance of a signature's timestamp that a source may set: one day. */
const toleranceSecondsMax = 86_400;

/** Characters of one setting. */
const settingCharactersMax = 200;

/** Mistakes reported in one answer. */
const settingMistakesMax = 20;

/** Setting for who generated a source's secret, for presets that cannot know. */
export const secretBySetting = "secret_by";

/** Specification of {@link secretBySetting}. */
export const secretBy: SettingSpec = {
  kind: "choice",
  default: "you",
  choices: ["you", "sender"],
  about:
    "Who made the secret. you: a weak one is refused; sender: it cannot be chosen, and a weak one is warned about.",
};

/** Steps of a path: `data.object.id` has three. */
const pathStepsMax = 16;

export type CheckedSettings =
  | { readonly ok: true; readonly value: GivenSettings }
  | { readonly ok: false; readonly mistakes: readonly SettingMistake[] };

/**
 * Checks a source's settings against its preset.
 *
 * @param settings As submitted; undefined and null mean none.
 * @returns The settings as submitted, without defaults, or every mistake in them.
 */
export function checkSettings(preset: Preset, settings: JsonValue | undefined): CheckedSettings {
  if (settings === undefined || settings === null) return { ok: true, value: {} };
  if (!isObject(settings)) return { ok: false, mistakes: [{ path: "", reason: "Settings are an object." }] };
  const value: Record<string, string> = {};
  const mistakes: SettingMistake[] = [];
  for (const [name, given] of Object.entries(settings)) {
    const spec = specOf(preset, name);
    const written = spec === undefined ? given : trimmed(spec, given);
    const reason = spec === undefined ? unknownSetting(preset) : mistakeIn(spec, written);
    if (reason !== null) mistakes.push({ path: name.slice(0, settingCharactersMax), reason });
    else value[name] = String(written);
  }
  if (mistakes.length === 0) mistakes.push(...togetherMistakes(preset, value));
  return mistakes.length === 0 ? { ok: true, value } : { ok: false, mistakes: mistakes.slice(0, settingMistakesMax) };
}

/**
 * Trims blanks and line breaks that were copied with a setting (`sha256= `). In a separator or a template they may be
 * intended.
 */
function trimmed({ kind }: SettingSpec, given: JsonValue): JsonValue {
  return typeof given === "string" && kind !== "separator" && kind !== "template" ? given.trim() : given;
}

/** @returns The settings, `scheme` included, with all defaults and with header names in lower case. */
export function fullSettings(preset: Preset, settings: GivenSettings): FullSettings {
  const [safest] = preset.schemes;
  const named = preset.schemes.find(({ name }) => Object.hasOwn(settings, "scheme") && name === settings.scheme);
  const full: Record<string, string> = { scheme: (named ?? safest).name };
  for (const [name, spec] of Object.entries(preset.settings)) {
    const value = Object.hasOwn(settings, name) ? (settings[name] ?? spec.default) : spec.default;
    full[name] = spec.kind === "header" ? value.toLowerCase() : value;
  }
  return full;
}

/** @returns Settings as stored. They were checked before, so every value is a text. */
export function textSettings(stored: Readonly<Record<string, unknown>>): GivenSettings {
  return Object.fromEntries(
    Object.entries(stored).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** @returns The value of a setting that the preset defines. An unknown name gives `""`, which matches nothing. */
export function settingOf(settings: FullSettings, name: string): string {
  return settings[name] ?? "";
}

/**
 * @param choices The preset's choices.
 * @returns The chosen one; the first for a value that `checkSettings` would have rejected.
 */
export function choiceOf<Choice extends string>(
  settings: FullSettings,
  name: string,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  return choices.find((choice) => choice === settings[name]) ?? choices[0];
}

/**
 * @param places Places in which the preset lets a secret be presented: the choices of its setting `location`.
 * @returns The chosen place. The name of the header, parameter or body path is the setting of that name.
 */
export function locationOf(
  settings: FullSettings,
  places: readonly [SecretLocation["in"], ...SecretLocation["in"][]],
): SecretLocation {
  const place = choiceOf(settings, "location", places);
  switch (place) {
    case "header":
    case "query":
      return { in: place, name: settingOf(settings, place) };
    case "body":
      return { in: place, path: settingOf(settings, place) };
    default:
      return { in: place };
  }
}

function togetherMistakes(preset: Preset, value: GivenSettings): readonly SettingMistake[] {
  return preset.mistakes?.(fullSettings(preset, value)) ?? [];
}

/** Every preset has a `scheme` setting, even with a single scheme. */
function specOf(preset: Preset, name: string): SettingSpec | undefined {
  if (Object.hasOwn(preset.settings, name)) return preset.settings[name];
  if (name !== "scheme") return undefined;
  const [safest] = preset.schemes;
  const choices = preset.schemes.map((scheme) => scheme.name);
  return { kind: "choice", about: "How the sender signs.", default: safest.name, choices };
}

function urlMistake(given: string): string | null {
  if (given === "") return null;
  return URL.canParse(given) && /^https?:$/.test(new URL(given).protocol) ? null : "It must be a URL such as https://…";
}

function unknownSetting(preset: Preset): string {
  const names = ["scheme", ...Object.keys(preset.settings)];
  return `The preset ${preset.name} has no such setting. It knows: ${names.join(", ")}.`;
}

function mistakeIn(spec: SettingSpec, given: JsonValue): string | null {
  if (spec.kind === "seconds" && typeof given === "number") return secondsMistake(String(given));
  if (typeof given !== "string") return "It must be a text.";
  if (given.length > settingCharactersMax) return `It is longer than ${settingCharactersMax} characters.`;
  switch (spec.kind) {
    case "choice":
      return spec.choices.includes(given) ? null : `It must be one of: ${spec.choices.join(", ")}.`;
    case "header":
      return /^[A-Za-z0-9_-]{1,64}$/.test(given) ? null : "It must be the name of a header: letters, digits, - and _.";
    case "path":
      return pathMistake(given);
    case "url":
      return urlMistake(given);
    case "name":
      return given === spec.default || /^[\w.~-]{1,64}$/.test(given)
        ? null
        : "It must be a name: letters, digits, - _ . and ~.";
    case "template":
      return templateMistake(given);
    case "separator":
      return /^[\x20-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]$/.test(given) ? null : "It must be one mark, such as a comma.";
    case "seconds":
      return secondsMistake(given);
    case "text":
      // A comma in the value would look like a header that came twice.
      return /^[\x21-\x2b\x2d-\x7e]*$/.test(given) ? null : "It must be plain ASCII without spaces and commas.";
  }
}

function secondsMistake(given: string): string | null {
  const isInRange = /^[1-9]\d{0,5}$/.test(given) && Number(given) <= toleranceSecondsMax;
  return isInRange ? null : `It must be a number of seconds, 1 to ${toleranceSecondsMax}.`;
}

function templateMistake(given: string): string | null {
  // Only printable ASCII may stand between the parts of a canonical string. No known sender signs anything else there.
  if (!/^[\x20-\x7e]*$/.test(given)) return "It must be plain ASCII.";
  for (const [, name = ""] of given.matchAll(/\{([^{}]*)\}/g))
    if (!templateTokens.some((token) => token === name))
      return `It names {${name}}; there are: ${templateTokens.map((token) => `{${token}}`).join(" ")}.`;
  return null;
}

function pathMistake(given: string): string | null {
  if (given === "" || given === ".") return null;
  const steps = given.split(".");
  if (steps.length > pathStepsMax) return `It has more than ${pathStepsMax} steps.`;
  return steps.every((step) => /^[\w -]+$/u.test(step)) ? null : "It must be a path such as data.object.id.";
}
