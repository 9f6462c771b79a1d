import type { JsonValue } from "../domain/json.ts";
import type { FullSettings, Preset, SettingSpec, SourceSettings } from "../domain/source.ts";
import { pathStepsMax, settingCharactersMax, settingMistakesMax } from "./limits.ts";
import { isObject } from "./places.ts";

/** What is wrong with one setting. `path` is its name; `""` is the whole. */
export type SettingMistake = { readonly path: string; readonly reason: string };

export type CheckedSettings =
  | { readonly ok: true; readonly value: SourceSettings }
  | { readonly ok: false; readonly mistakes: readonly SettingMistake[] };

/**
 * Checks a source's settings against what its preset understands.
 *
 * @param settings As they were given; undefined and null are none.
 * @returns The settings as given, without defaults, or every mistake in them.
 */
export function checkSettings(preset: Preset, settings: JsonValue | undefined): CheckedSettings {
  if (settings === undefined || settings === null) return { ok: true, value: {} };
  if (!isObject(settings)) return { ok: false, mistakes: [{ path: "", reason: "Settings are an object." }] };
  const value: Record<string, string> = {};
  const mistakes: SettingMistake[] = [];
  for (const [name, given] of Object.entries(settings)) {
    const spec = Object.hasOwn(preset.settings, name) ? preset.settings[name] : undefined;
    const reason = spec === undefined ? unknown(preset) : mistakeIn(spec, given);
    if (reason !== null) mistakes.push({ path: name.slice(0, settingCharactersMax), reason });
    else if (typeof given === "string") value[name] = given;
  }
  return mistakes.length === 0 ? { ok: true, value } : { ok: false, mistakes: mistakes.slice(0, settingMistakesMax) };
}

/** @returns The settings with each default in its place, and header names in lower case. */
export function fullSettings(preset: Preset, settings: SourceSettings): FullSettings {
  const full: Record<string, string> = {};
  for (const [name, spec] of Object.entries(preset.settings)) {
    const value = Object.hasOwn(settings, name) ? (settings[name] ?? spec.default) : spec.default;
    full[name] = spec.kind === "header" ? value.toLowerCase() : value;
  }
  return full;
}

/** @returns A setting that the preset itself defines. One that it does not define is `""`, which finds nothing. */
export function settingOf(settings: FullSettings, name: string): string {
  return settings[name] ?? "";
}

/**
 * @param choices What the preset offers.
 * @returns The chosen one; the first of them for a value that `checkSettings` would have refused.
 */
export function choiceOf<Choice extends string>(
  settings: FullSettings,
  name: string,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  return choices.find((choice) => choice === settings[name]) ?? choices[0];
}

function unknown(preset: Preset): string {
  const names = Object.keys(preset.settings);
  const known = names.length === 0 ? "It has none." : `It knows: ${names.join(", ")}.`;
  return `The preset ${preset.name} has no such setting. ${known}`;
}

function mistakeIn(spec: SettingSpec, given: JsonValue): string | null {
  if (typeof given !== "string") return "It must be a text.";
  if (given.length > settingCharactersMax) return `It is longer than ${settingCharactersMax} characters.`;
  switch (spec.kind) {
    case "choice":
      return spec.choices.includes(given) ? null : `It must be one of: ${spec.choices.join(", ")}.`;
    case "header":
      return /^[A-Za-z0-9_-]{1,64}$/.test(given) ? null : "It must be the name of a header: letters, digits, - and _.";
    case "path":
      return pathMistake(given);
    case "text":
      // A comma would make a header that came twice look like one value.
      return /^[\x21-\x2b\x2d-\x7e]*$/.test(given) ? null : "It must be plain ASCII without spaces and commas.";
  }
}

function pathMistake(given: string): string | null {
  if (given === "" || given === ".") return null;
  const steps = given.split(".");
  if (steps.length > pathStepsMax) return `It has more than ${pathStepsMax} steps.`;
  return steps.every((step) => /^[\w -]+$/u.test(step)) ? null : "It must be a path such as data.object.id.";
}
