/** Every scheme of every preset, with whatever the registry has by now; and the senders that can sign for some of them. */
import { readdirSync } from "node:fs";
import fc from "fast-check";
import { schemeOf } from "../../src/crm/preset/chosen-scheme.ts";
import type { EventReading, GivenSettings, Preset, Scheme, ValueLocation } from "../../src/crm/preset/preset.ts";
import type { SignatureRecipe } from "../../src/crm/preset/recipe.ts";
import { presets } from "../../src/crm/presets/index.ts";
import type { CrmFixture } from "../crm/fixture.ts";

export const fuzzAddress = "https://hooks.example.com/in/shop";

/** One way in which a source may be set up. */
export type Subject = {
  readonly name: string;
  readonly preset: Preset;
  readonly settings: GivenSettings;
  readonly scheme: Scheme;
  readonly recipe: SignatureRecipe;
  readonly reading: EventReading;
  /** Headers that it looks at. */
  readonly headers: readonly string[];
  /** Paths of a body that it looks at; those of an element where it is a batch. */
  readonly paths: readonly string[];
  /** How a counterexample shows it. */
  readonly [fc.toStringMethod]: () => string;
};

/** Settings beside a scheme's own that change how a request is read. */
const variants: Readonly<Record<string, readonly GivenSettings[]>> = {
  generic: [
    { batch: "." },
    { batch: "events" },
    { id: "a.b", type: "a", dedupe_header: "authorization" },
    { hash: "sha1", encoding: "base64" },
  ],
  bearer: [{ location: "basic" }, { location: "header" }, { location: "path" }],
};

export const subjects: readonly Subject[] = [...presets.values()].flatMap((preset) =>
  preset.schemes.flatMap(({ name }) =>
    [{}, ...(variants[preset.name] ?? [])].map((more) => subjectOf(preset, { scheme: name, ...more })),
  ),
);

export function subjectOf(preset: Preset, settings: GivenSettings): Subject {
  const { scheme, settings: full, recipe } = schemeOf(preset, settings);
  const reading = scheme.reading(full);
  const places = [...reading.id, ...reading.type, ...reading.time];
  const headers = new Set<string>();
  const paths = new Set<string>();
  const add = (place: ValueLocation): void => {
    if ("header" in place) headers.add(place.header);
    else if ("joined" in place) place.joined.forEach(add);
    else paths.add("path" in place ? place.path : place.envelope);
  };
  places.forEach(add);
  if (scheme.tenant !== null && "path" in scheme.tenant.place)
    for (const path of [scheme.tenant.place.path].flat()) paths.add(path);
  for (const field of scheme.credentials ?? []) paths.add(field);
  for (const header of recipe.family === "secret" ? headerOfSecret(recipe) : [recipe.header].flat())
    headers.add(header);
  if (recipe.family === "secret" && recipe.location.in === "body") paths.add(recipe.location.path);
  if (recipe.family !== "secret" && recipe.family !== "jwt") {
    for (const header of [recipe.idHeader ?? []].flat()) headers.add(header);
    if (recipe.timestamp !== undefined && "header" in recipe.timestamp.from) headers.add(recipe.timestamp.from.header);
    if (recipe.timestamp !== undefined && "path" in recipe.timestamp.from) paths.add(recipe.timestamp.from.path);
  }
  const name = [preset.name, ...Object.values(settings)].join(" ");
  return {
    name,
    preset,
    settings,
    scheme,
    recipe,
    reading,
    headers: [...headers],
    paths: [...paths],
    [fc.toStringMethod]: () => name,
  };
}

function headerOfSecret({ location }: Extract<SignatureRecipe, { family: "secret" }>): readonly string[] {
  return location.in === "header" ? [location.name] : ["authorization"];
}

const fixturesHome = new URL("../crm/fixtures/", import.meta.url);

/** A sender that signs any body for a scheme. */
export type Signer = {
  readonly subject: Subject;
  readonly fixture: CrmFixture;
  readonly secret: string;
  readonly [fc.toStringMethod]: () => string;
};

/**
 * @returns those that can sign a body which they did not write: where the secret or the time stands inside of the body they cannot, and a
 *   sender with one published key keeps its private one to itself
 */
export async function signers(): Promise<readonly Signer[]> {
  const found: Signer[] = [];
  for (const file of readdirSync(fixturesHome).sort()) {
    if (!file.endsWith(".ts")) continue;
    const module: { fixtures?: readonly CrmFixture[] } = await import(new URL(file, fixturesHome).href);
    for (const fixture of module.fixtures ?? []) {
      const preset = presets.get(fixture.preset);
      if (preset === undefined || fixture.secret === null) continue;
      const subject = subjectOf(preset, { ...fixture.settings, scheme: fixture.scheme });
      if (subject.scheme.name === fixture.scheme && signsAnything(subject.recipe))
        found.push({ subject, fixture, secret: fixture.secret, [fc.toStringMethod]: () => subject.name });
    }
  }
  return found;
}

function signsAnything(recipe: SignatureRecipe): boolean {
  if (recipe.family === "secret") return recipe.location.in !== "body";
  if (recipe.family === "jwt") return true;
  return recipe.timestamp === undefined || !("path" in recipe.timestamp.from);
}
