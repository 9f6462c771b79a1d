/** Set-up guide: the presets with their schemes, settings, and steps in the sender's product. */

import { type SecretOrigin, secretCommand } from "../domain/config/secret-strength.ts";
import type { PresetAbout, PresetGuide, SourceSetup } from "../ports/config/presets.ts";
import { schemeOf, schemeSetting } from "./preset/chosen-scheme.ts";
import type { GivenSettings, Preset, Scheme } from "./preset/preset.ts";
import type { SignatureRecipe } from "./preset/recipe.ts";
import { secretBySetting, textSettings } from "./preset/settings.ts";
import { topicAdvice } from "./preset/topics.ts";
import { findPreset, presets } from "./presets/index.ts";

/** Placeholder in an address for a secret that only the sender and Hookline know. */
const hiddenKey = "<secret>";

/** Placeholder in an address for a source without a name. */
const unnamedSource = "<source>";

/** Descriptions of the registered presets. */
export const presetGuide: PresetGuide = {
  all: (address) => [...presets.values()].map((preset) => aboutPreset(preset, address)),
  about(name, address) {
    const preset = findPreset(name);
    return preset === null ? null : aboutPreset(preset, address);
  },
  topicAdvice(name, topic) {
    const preset = findPreset(name);
    return preset === null ? null : topicAdvice(preset.title, preset.topics, topic);
  },
  setup({ slug, preset: name, settings }, address) {
    const preset = findPreset(name);
    const chosen = preset === null ? null : schemeOf(preset, textSettings(settings));
    const path = pathOf(slug, chosen?.recipe ?? null);
    const origin = preset === null ? null : originOf(preset, textSettings(settings));
    const steps = preset === null ? [] : stepsAt(preset, `${address}${path}`, origin);
    const batches = chosen !== null && chosen.scheme.reading(textSettings(settings)).split !== "";
    return { path, steps, secret: secretOf(chosen), batches };
  },
  secretOrigin({ slug, preset: name, settings }) {
    const preset = findPreset(name);
    const origin = preset === null ? null : originOf(preset, textSettings(settings));
    return origin && { ...origin, source: slug };
  },
};

function pathOf(slug: string, recipe: SignatureRecipe | null): string {
  const inPath = recipe?.family === "secret" && recipe.location.in === "path";
  return `/in/${slug}${inPath ? `/${hiddenKey}` : ""}`;
}

/** The preset's steps with the address filled in. A last step generates the secret, unless the sender does. */
function stepsAt({ steps }: Preset, url: string, origin: SecretOrigin | null): string[] {
  const shown = steps.map((step) => step.replaceAll("{url}", url));
  if (origin?.madeBy !== "you" || shown.some((step) => step.includes("openssl"))) return shown;
  const choice = origin.setting === null ? "The secret is yours to choose" : "If the secret is yours to choose";
  return [...shown, `${choice}, make it with: ${secretCommand(origin.charactersMax)} (at least 16 characters).`];
}

function secretOf(chosen: ReturnType<typeof schemeOf> | null): SourceSetup["secret"] {
  if (chosen?.recipe.family === "asymmetric" && chosen.recipe.publishedKey !== undefined) return "published";
  const captures = (chosen?.scheme.handshakes ?? []).some(({ kind }) => kind.startsWith("captured"));
  return captures ? "handed_over" : "set";
}

/** Origin and use of a source's secret, by its settings; null if it is a public key. */
function originOf(preset: Preset, given: GivenSettings): SecretOrigin | null {
  const { scheme, recipe, settings } = schemeOf(preset, given);
  if (recipe.family === "asymmetric" || (recipe.family === "jwt" && !recipe.algorithm.startsWith("HS"))) return null;
  const sender = scheme.secretBy === "sender" || settings[secretBySetting] === "sender";
  return {
    use: recipe.family === "secret" ? "carried" : "key",
    madeBy: sender ? "sender" : "you",
    isPair: recipe.family === "secret" && recipe.location.in === "basic",
    setting: Object.hasOwn(preset.settings, secretBySetting) ? `settings.${secretBySetting}` : null,
    preset: preset.name,
    ...(preset.secretCharactersMax === undefined ? {} : { charactersMax: preset.secretCharactersMax }),
  };
}

function aboutPreset(preset: Preset, address: string): PresetAbout {
  const names = preset.schemes.map(({ name }) => name);
  const chosen = { name: schemeSetting, kind: "choice", about: "How the sender signs.", default: names[0] ?? "" };
  return {
    name: preset.name,
    title: preset.title,
    schemes: preset.schemes.map((scheme) => aboutScheme(preset, scheme)),
    settings: [
      ...(Object.hasOwn(preset.settings, schemeSetting) ? [] : [{ ...chosen, choices: names }]),
      ...Object.entries(preset.settings).map(([name, spec]) => ({ name, ...spec })),
    ],
    steps: stepsAt(preset, `${address}${pathOf(unnamedSource, schemeOf(preset, {}).recipe)}`, originOf(preset, {})),
  };
}

function aboutScheme(preset: Preset, { name, title }: Scheme): PresetAbout["schemes"][number] {
  const { scheme, recipe } = schemeOf(preset, { [schemeSetting]: name });
  return {
    name,
    title,
    family: recipe.family,
    signs: signedBy(recipe),
    unsigned: scheme.unsignedFields,
    tenant: tenantNeed(scheme),
  };
}

function signedBy(recipe: SignatureRecipe): string | null {
  switch (recipe.family) {
    case "secret":
      return null;
    case "jwt":
      return recipe.bodyHashClaim === undefined ? null : "{body}";
    default:
      return recipe.template;
  }
}

function tenantNeed({ tenant }: Scheme): "mandatory" | "when_named" | "optional" | "none" {
  if (tenant === null) return "none";
  if (tenant.mandatory === "when_named") return "when_named";
  return tenant.mandatory ? "mandatory" : "optional";
}
