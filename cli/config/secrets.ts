import type { Io } from "../command.ts";

/**
 * Fills in the values of `secrets: [{ env: NAME }]` and of an API's `credential: { env: NAME }` from the environment. A
 * name that is not set stays without a value, and the service keeps the secret that it stores under this name.
 */
export function resolveSecrets(document: unknown, env: Io["env"]): { document: unknown; unset: string[] } {
  const unset: string[] = [];
  const secret = (value: unknown): unknown => {
    if (!isObject(value) || typeof value.env !== "string" || "value" in value) return value;
    const found = env[value.env];
    if (found) return { ...value, value: found };
    unset.push(value.env);
    return value;
  };
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
  if (!isObject(document) || !isObject(document.sources)) return { document, unset };
  const sources = Object.fromEntries(Object.entries(document.sources).map(([slug, value]) => [slug, source(value)]));
  return { document: { ...document, sources }, unset };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
