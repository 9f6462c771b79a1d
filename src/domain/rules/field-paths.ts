/**
 * Paths of fields, as conditions and texts name them: `data.customer.first_name`, `data.items[0].sku`,
 * `data.items[].title` for every element, `data["odd key"]`, `[*]` for a key from another field. Pure.
 */
import type { MappingContext } from "./context.ts";

/** Values of one path that are read, one per element. */
const valuesPerPathMax = 20;

type Step = { readonly key: string } | { readonly index: number } | { readonly every: true };

/** Type of a value in plain words. It reveals nothing of the value. */
export type FieldType = "text" | "number" | "true or false" | "list" | "object";

/** @returns The steps of a path, beginning with its root; null for an invalid path. */
function stepsOf(path: string): readonly Step[] | null {
  const steps: Step[] = [];
  const form = /^([^.[\]]+)|\.([^.[\]]+)|\[(-?\d+)\]|\[("(?:[^"\\]|\\.)*")\]|\[\*?\]/gy;
  let at = 0;
  while (at < path.length) {
    form.lastIndex = at;
    const found = form.exec(path);
    if (found === null) return null;
    at = form.lastIndex;
    const [, root, name, index, quoted] = found;
    const key = root ?? name ?? (quoted === undefined ? undefined : unquoted(quoted));
    if (key !== undefined) steps.push({ key });
    else steps.push(index === undefined ? { every: true } : { index: Number(index) });
  }
  return steps;
}

/**
 * @returns The values at a path: none, one, or the first of many, without null and missing ones. An invalid path has
 *   none.
 */
export function valuesAt(context: MappingContext, path: string): unknown[] {
  const steps = stepsOf(path) ?? [];
  let found: unknown[] = steps.length === 0 ? [] : [context];
  for (const step of steps) found = found.flatMap((value) => inside(value, step)).slice(0, valuesPerPathMax);
  return found.filter((value) => value !== null && value !== undefined);
}

/** @returns The type of a value; null if it is missing, null or blank. */
export function typeOf(value: unknown): FieldType | null {
  if (Array.isArray(value)) return "list";
  switch (typeof value) {
    case "string":
      return value.trim() === "" ? null : "text";
    case "number":
      return "number";
    case "boolean":
      return "true or false";
    case "object":
      return value === null ? null : "object";
    default:
      return null;
  }
}

function inside(value: unknown, step: Step): unknown[] {
  if (Array.isArray(value)) {
    if ("every" in step) return value.slice(0, valuesPerPathMax);
    if ("index" in step) return [value.at(step.index)];
    // `size`, `first` and `last`, as in texts.
    if (step.key === "first") return [value[0]];
    if (step.key === "last") return [value.at(-1)];
    return step.key === "size" ? [value.length] : [];
  }
  if (typeof value === "string") return "key" in step && step.key === "size" ? [value.length] : [];
  if (typeof value !== "object" || value === null) return [];
  if ("every" in step) return Object.values(value).slice(0, valuesPerPathMax);
  const key = "key" in step ? step.key : String(step.index);
  return Object.hasOwn(value, key) ? [Reflect.get(value, key)] : [];
}

function unquoted(text: string): string | undefined {
  try {
    const key: unknown = JSON.parse(text);
    return typeof key === "string" ? key : undefined;
  } catch {
    return undefined;
  }
}
