import type { Io } from "../command.ts";

/** A document with its values. `unset`, `unsetHeaders`: names that are not set, of secrets and of hooks' headers. */
type Resolved = { document: unknown; unset: string[]; unsetHeaders: string[] };

/**
 * Fills in the values of `secrets: [{ env: NAME }]`, of an API's `credential: { env: NAME }` and of hooks' headers from
 * the environment. A name that is not set stays without a value, and the service keeps the value that it stores.
 */
export function resolveSecrets(document: unknown, env: Io["env"]): Resolved {
  const unset: string[] = [];
  const unsetHeaders: string[] = [];
  const resolve = (value: unknown, missing: string[]): unknown => {
    if (!isObject(value) || typeof value.env !== "string" || "value" in value) return value;
    const found = env[value.env];
    if (found) return { ...value, value: found };
    missing.push(value.env);
    return value;
  };
  const secret = (value: unknown): unknown => resolve(value, unset);
  const header = (value: unknown): unknown => resolve(value, unsetHeaders);
  const hook = (value: unknown): unknown =>
    isObject(value) && isObject(value.headers) ? { ...value, headers: mapValues(value.headers, header) } : value;
  const api = (value: unknown): unknown =>
    isObject(value) && "credential" in value ? { ...value, credential: secret(value.credential) } : value;
  const source = (value: unknown): unknown =>
    isObject(value)
      ? {
          ...value,
          ...(Array.isArray(value.secrets) ? { secrets: value.secrets.map(secret) } : {}),
          ...("api" in value ? { api: api(value.api) } : {}),
        }
      : value;
  if (!isObject(document)) return { document, unset, unsetHeaders };
  const filled = {
    ...document,
    ...(isObject(document.sources) ? { sources: mapValues(document.sources, source) } : {}),
    ...(Array.isArray(document.hooks) ? { hooks: document.hooks.map(hook) } : {}),
  };
  return { document: filled, unset, unsetHeaders };
}

function mapValues(given: Record<string, unknown>, change: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, change(value)]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
