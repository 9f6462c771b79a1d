/**
 * Replaces the parts of recorded answers that differ from run to run, so that two recordings of the same requests are equal: ids, times,
 * hashes, keys, addresses. The form of a value stays, so each masked answer fits its schema. Long lists and texts are cut.
 */

/** Elements of a list that stay: objects, or plain values. Characters of a text that stay. */
const objectsMax = 1;
const valuesMax = 3;
const charactersMax = 160;

/** Values by the name of their field. */
const byName: Readonly<Record<string, unknown>> = {
  token: "eyJhbGciOiJIUzI1NiIs…",
  jws: "eyJhbGciOiJFUzI1NiIs…",
  kid: "2a9f6c01d4e8",
  hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c0f0a10f4a1",
  secret: "3b0f7c6e5d4a29188f",
  next_cursor: "eyJhdCI6MTc2M…",
  duration_s: 73,
};

/** Times by the name of their field. Any other time is the default. */
const times: Readonly<Record<string, string>> = {
  received_at: "2026-11-24T15:00:00.000Z",
  planned_at: "2026-11-24T15:00:00.100Z",
  claimed_at: "2026-11-24T15:00:00.200Z",
  placed_at: "2026-11-24T15:00:00.400Z",
  ended_at: "2026-11-24T15:01:13.000Z",
  expires_at: "2026-11-25T15:00:00.000Z",
  until: "2026-12-24T15:00:00.000Z",
};
const timeDefault = "2026-11-24T15:00:00.000Z";

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const isoTime = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})/g;
const jwt = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;
/** The key in the address of outcome webhooks. */
const webhookKey = /(\/mihu\/[a-z/]*)[\w-]{20,}/g;
const hex = /\b[0-9a-f]{32,}\b/g;

/** @param origins addresses of this run, each with the address that replaces it */
export function masking(origins: Readonly<Record<string, string>>): (value: unknown) => unknown {
  const ids = new Map<string, string>();
  const idOf = (id: string): string => {
    const known = ids.get(id) ?? `00000000-0000-4000-8000-${String(ids.size + 1).padStart(12, "0")}`;
    ids.set(id, known);
    return known;
  };
  const textOf = (text: string, name: string): string => {
    const plain = Object.entries(origins).reduce((all, [from, to]) => all.replaceAll(from, to), text);
    const masked = plain
      .replace(uuid, idOf)
      .replace(isoTime, times[name] ?? timeDefault)
      .replace(hex, "9f86d081884c7d659a2feaa0c55ad015")
      .replace(jwt, "eyJhbGciOiJFUzI1NiIs…")
      .replace(webhookKey, "$1…");
    return masked.length > charactersMax ? `${masked.slice(0, charactersMax)}…` : masked;
  };
  const masked = (value: unknown, name: string): unknown => {
    if (typeof value === "string") {
      const fixed = byName[name];
      return typeof fixed === "string" && value.length >= fixed.length ? fixed : textOf(value, name);
    }
    if (typeof value === "number") return byName[name] ?? (value > 1e12 ? Date.parse(timeDefault) : value);
    if (Array.isArray(value)) {
      const most = typeof value[0] === "object" ? objectsMax : valuesMax;
      return value.slice(0, most).map((one) => masked(one, name));
    }
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [textOf(key, ""), masked(inner, key)]));
  };
  return (value) => masked(value, "");
}
