/** What of a request must not be kept, because whoever has it can send as the sender does, or ask as it may. */

import type { Scheme, SignatureRecipe } from "../../domain/events/webhook.ts";
import { isObject, type JsonValue } from "../../domain/json.ts";

/** Credentials of a body: by their name at any depth, and the one place where the scheme's own secret stands. */
export type BodyCredentials = { readonly names: ReadonlySet<string>; readonly path: string | null };

/** @returns Which fields of a body are credentials; null if none can be. */
export function bodyCredentials(scheme: Scheme, recipe: SignatureRecipe): BodyCredentials | null {
  const names = new Set(scheme.credentials ?? []);
  const path = recipe.family === "secret" && recipe.location.in === "body" ? recipe.location.path : null;
  return names.size === 0 && path === null ? null : { names, path };
}

/** @returns The same value without its credentials; attributes of XML (`@name`) are fields like any other. */
export function withoutCredentials(json: JsonValue, { names, path }: BodyCredentials): JsonValue {
  const named = names.size === 0 ? json : withoutNames(json, names);
  return path === null ? named : withoutPath(named, path.split("."));
}

/** Recursive: what was read is at most 64 levels deep. */
function withoutNames(json: JsonValue, names: ReadonlySet<string>): JsonValue {
  if (Array.isArray(json)) return json.map((item) => withoutNames(item, names));
  if (!isObject(json)) return json;
  return Object.fromEntries(
    Object.entries(json)
      .filter(([name]) => !names.has(name.startsWith("@") ? name.slice(1) : name))
      .map(([name, value]) => [name, withoutNames(value, names)] as const),
  );
}

/** @returns The same value with nothing at a path; arrays on the way are gone through, all of them. */
export function withoutPath(json: JsonValue, steps: readonly string[]): JsonValue {
  const [step, ...rest] = steps;
  if (step === undefined) return null;
  if (Array.isArray(json))
    return json.map((item, index) => (String(index) === step ? withoutPath(item, rest) : withoutPath(item, steps)));
  if (!isObject(json) || !Object.hasOwn(json, step)) return json;
  const { [step]: found = null, ...left } = json;
  return rest.length === 0 ? left : { ...json, [step]: withoutPath(found, rest) };
}

/** Headers that may hold a secret, whatever a source's settings say. */
const neverKept = ["authorization", "proxy-authorization", "cookie", "x-forwarded-authorization"];

/** @returns Names, in lower case, of headers that carry the secret or prove that somebody has it. */
export function secretHeaders(scheme: Scheme, recipe: SignatureRecipe): ReadonlySet<string> {
  const names = new Set(neverKept);
  if (recipe.family === "secret") {
    if (recipe.location.in === "header") names.add(recipe.location.name.toLowerCase());
  } else {
    for (const name of [recipe.header].flat()) names.add(name.toLowerCase());
  }
  for (const handshake of scheme.handshakes ?? []) {
    if (handshake.kind === "captured_header") names.add(handshake.header.toLowerCase());
  }
  return names;
}
