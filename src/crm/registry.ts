import type { Preset } from "../domain/source.ts";
import { bearer } from "./presets/bearer.ts";
import { generic } from "./presets/generic.ts";
import { shopify } from "./presets/shopify.ts";

/** Every preset by its name. Adding a CRM is one file and one line here. */
export const presets: ReadonlyMap<string, Preset> = new Map(
  [bearer, generic, shopify].map((preset) => [preset.name, preset]),
);

/** @returns The preset of that name, or null. */
export function findPreset(name: string): Preset | null {
  return presets.get(name) ?? null;
}
