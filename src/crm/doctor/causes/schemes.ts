/** Other schemes of the preset, other presets, and other headers and templates of the generic preset. */

import { schemeOf, schemeSetting } from "../../preset/chosen-scheme.ts";
import type { Preset } from "../../preset/preset.ts";
import type { SignatureRecipe, Templated } from "../../preset/recipe.ts";
import { presets } from "../../presets/index.ts";
import { headerOf } from "../../request/paths.ts";
import { signedUrl } from "../../request/signed-url.ts";
import type { Axis, Patient, Trial } from "../trial.ts";
import { isTemplated } from "./spellings.ts";

/** Canonical strings that senders commonly sign. */
const templates = [
  "{body}",
  "{timestamp}.{body}",
  "{timestamp}{body}",
  "{body}{timestamp}",
  "{id}.{timestamp}.{body}",
  "{url}{body}",
  "{method}{url}{body}",
  "{method}{url}{body}{timestamp}",
  "v0:{timestamp}:{body}",
];

/** Header names that suggest a signature's timestamp, id or digest. */
const timeName = /(?:^|[-_])(?:timestamp|time|ts|date)$/i;
const idName = /(?:^|[-_])(?:id)$/i;
const signatureName = /(?:signature|sign|sig|hmac|digest|sha(?:1|256|512))/i;

/** The preset's other schemes, without those of a shared secret: they have no signature to try. */
export const otherSchemes: Axis = function* otherSchemes(patient, base) {
  const { preset, chosen, settings } = patient;
  for (const { name } of preset.schemes) {
    if (name === chosen.scheme.name) continue;
    const other = schemeOf(preset, { ...settings, [schemeSetting]: name });
    // Schemes that differ only in how they read events produce the same signature.
    if (other.recipe.family === "secret" || JSON.stringify(other.recipe) === JSON.stringify(chosen.recipe)) continue;
    yield {
      ...base,
      recipe: other.recipe,
      formats: other.scheme.formats,
      url: signedUrl(other.settings, base.request),
      findings: [...base.findings, { kind: "scheme", is: name, wants: chosen.scheme.name }],
    };
  }
};

/** The signature header as a proxy may have renamed it: without `X-`, or with `_` for `-`. */
export const otherHeaders: Axis = function* otherHeaders({ names }, base) {
  const { recipe, request } = base;
  if (!isTemplated(recipe)) return;
  const [wants = "", ...spellings] = [recipe.header].flat();
  if ([wants, ...spellings].some((name) => headerOf(request.headers, name) !== null)) return;
  for (const came of sameNames(names, wants))
    yield {
      ...base,
      recipe: { ...recipe, header: came },
      findings: [...base.findings, { kind: "header", came, wants }],
    };
};

/** @returns Headers of the request whose names are close to the expected one. */
export function sameNames(names: readonly string[], wants: string): readonly string[] {
  return names.filter((name) => name !== wants && bareName(name) === bareName(wants));
}

function bareName(name: string): string {
  return name
    .toLowerCase()
    .replaceAll("_", "-")
    .replace(/^http-/, "")
    .replace(/^x-/, "")
    .replaceAll("-", "");
}

/** Guesses for the generic preset: another header, a list, another template. */
export const guesses: Axis = function* guesses({ preset, names }, base) {
  const { recipe } = base;
  if (!Object.hasOwn(preset.settings, "template") || !isTemplated(recipe)) return;
  const [own = ""] = [recipe.header].flat();
  const came = names.filter((name) => signatureName.test(name) && name !== own && !/timestamp/i.test(name)).slice(0, 3);
  for (const header of [own, ...came]) {
    const renamed: Trial =
      header === own
        ? base
        : {
            ...base,
            recipe: { ...recipe, header },
            findings: [...base.findings, { kind: "header", came: header, wants: own }],
          };
    if (header !== own) yield renamed;
    yield* otherTemplates(renamed, names);
  }
};

function* otherTemplates(base: Trial, names: readonly string[]): Iterable<Trial> {
  const { recipe, request } = base;
  if (!isTemplated(recipe)) return;
  const header = headerOf(request.headers, recipe.header) ?? "";
  const isList = /(?:^|,)\s*t=\d+/.test(header) && /(?:^|,)\s*v1=/.test(header);
  const times = names.filter((name) => timeName.test(name)).slice(0, 3);
  const [idHeader] = names.filter((name) => idName.test(name) && /webhook|event|message|svix/i.test(name));
  for (const body of templates) {
    const template = recipe.family === "hash" ? `{secret}${body}` : body;
    if (template.includes("{id}") && idHeader === undefined) continue;
    const places = timesOf(template, isList, times);
    for (const { timestamp, list, more } of places) {
      const id = template.includes("{id}") && idHeader !== undefined ? { idHeader } : {};
      if (template === recipe.template && more === "") continue;
      const { timestamp: _t, list: _l, ...bare } = recipe;
      yield {
        ...base,
        recipe: { ...bare, template, ...id, ...timestamp, ...list },
        findings: [
          ...base.findings,
          {
            kind: "template",
            is: template,
            more: `${more}${idHeader === undefined || !template.includes("{id}") ? "" : `, dedupe_header to ${idHeader}`}`,
          },
        ],
      };
    }
  }
}

type TimePlace = {
  readonly timestamp: Pick<Templated, "timestamp">;
  readonly list: Pick<Templated, "list">;
  readonly more: string;
};

function timesOf(template: string, isList: boolean, names: readonly string[]): readonly TimePlace[] {
  const list = isList ? { list: { item: ",", pair: "=", signature: "v1" } } : {};
  if (!template.includes("{timestamp}")) return [{ timestamp: {}, list, more: isList ? ", list_part to v1" : "" }];
  const format = ["s-or-ms", "iso", "http-date"] as const;
  if (isList)
    return [
      {
        timestamp: { timestamp: { from: { part: "t" }, format, toleranceSeconds: 300 } },
        list,
        more: ", list_part to v1, timestamp to list",
      },
    ];
  return names.map((header) => ({
    timestamp: { timestamp: { from: { header }, format, toleranceSeconds: 300 } },
    list,
    more: `, timestamp to header, timestamp_header to ${header}`,
  }));
}

/** Presets whose characteristic headers are in the request, with the recipes that read them, the likeliest first. */
export function presetsOfHeaders({
  preset,
  names,
}: Patient): readonly { readonly preset: Preset; readonly recipes: readonly SignatureRecipe[] }[] {
  const own = new Set(ownHeaders(preset));
  const came = new Set(names);
  const found = [...presets.values()].flatMap((other) => {
    if (other === preset || Object.hasOwn(other.settings, "template")) return [];
    const recipes = other.schemes
      .map(({ name }) => schemeOf(other, { [schemeSetting]: name }).recipe)
      .filter((recipe) => isTemplated(recipe) && namesIn(recipe).some((name) => came.has(name) && !own.has(name)));
    if (recipes.length === 0) return [];
    return [{ preset: other, recipes, score: ownHeaders(other).filter((name) => came.has(name)).length }];
  });
  const best = Math.max(0, ...found.map(({ score }) => score));
  return found.filter(({ score }) => score === best).slice(0, 3);
}

/** Other presets, verified with the source's secrets. */
export const otherPresets: Axis = function* otherPresets(patient, base) {
  for (const { preset, recipes } of presetsOfHeaders(patient))
    for (const recipe of recipes)
      yield {
        ...base,
        recipe,
        findings: [
          ...base.findings,
          { kind: "other_preset", titles: [preset.title], names: [preset.name], isRight: true },
        ],
      };
};

/** Headers that identify a preset: those of its signatures and of its event fields. */
function ownHeaders(preset: Preset): readonly string[] {
  return preset.schemes.flatMap(({ name }) => {
    const { scheme, settings, recipe } = schemeOf(preset, { [schemeSetting]: name });
    const { id, type } = scheme.reading(settings);
    const named = [...id, ...type].flatMap((place) => ("header" in place ? [place.header.toLowerCase()] : []));
    return [...new Set([...(isTemplated(recipe) ? namesIn(recipe) : []), ...named])];
  });
}

function namesIn(recipe: SignatureRecipe): readonly string[] {
  return isTemplated(recipe) ? [recipe.header].flat().filter((name) => !name.endsWith("authorization")) : [];
}
