/**
 * Credentials inside a request's body. They are removed before anything is stored, because they allow sending events as
 * the sender, or calling its API.
 *
 * Not guaranteed: only fields that the preset or the source's settings name are found. A credential that a customer
 * writes into a text field is stored.
 */

import { isObject, type JsonValue } from "../../domain/json.ts";
import type { Scheme } from "../preset/preset.ts";
import type { SignatureRecipe } from "../preset/recipe.ts";

/** Fields to remove: names at any depth, and the path of the scheme's own secret. */
type BodyCredentials = { readonly names: ReadonlySet<string>; readonly path: string | null };

/** @returns The credential fields of a scheme's bodies; null if there are none. */
export function bodyCredentials(scheme: Scheme, recipe: SignatureRecipe): BodyCredentials | null {
  const names = new Set(scheme.credentials ?? []);
  const path = recipe.family === "secret" && recipe.location.in === "body" ? recipe.location.path : null;
  return names.size === 0 && path === null ? null : { names, path };
}

/** @returns The value without its credentials. Attributes of XML (`@name`) count as fields. */
export function withoutCredentials(json: JsonValue, { names, path }: BodyCredentials): JsonValue {
  const named = names.size === 0 ? json : withoutNames(json, names);
  return path === null ? named : withoutPath(named, path.split("."));
}

/** Recursion is safe: a decoded body has at most 64 levels. */
function withoutNames(json: JsonValue, names: ReadonlySet<string>): JsonValue {
  if (Array.isArray(json)) return json.map((item) => withoutNames(item, names));
  if (!isObject(json)) return json;
  return Object.fromEntries(
    Object.entries(json)
      .filter(([name]) => !names.has(name.startsWith("@") ? name.slice(1) : name))
      .map(([name, value]) => [name, withoutNames(value, names)] as const),
  );
}

/** @returns The value without the field at a path. A step descends into each element of an array. */
export function withoutPath(json: JsonValue, steps: readonly string[]): JsonValue {
  const [step, ...rest] = steps;
  if (step === undefined) return null;
  if (Array.isArray(json))
    return json.map((item, index) => (String(index) === step ? withoutPath(item, rest) : withoutPath(item, steps)));
  if (!isObject(json) || !Object.hasOwn(json, step)) return json;
  const { [step]: found = null, ...left } = json;
  return rest.length === 0 ? left : { ...json, [step]: withoutPath(found, rest) };
}
