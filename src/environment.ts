/**
 * The environment → a frozen {@link Environment}, once. An error names missing and malformed variables, but never
 * prints a value.
 */
import type { MailApi } from "./domain/hooks/message-formats.ts";
import { reviewOverdueDefaultMs } from "./domain/limits.ts";
import { parseDuration } from "./domain/rules/duration.ts";
import type { ReceiptKey } from "./platform/sign.ts";

/** A set of 256-bit keys. The first signs or encrypts; all verify or decrypt. */
type KeySet = readonly { readonly kid: string; readonly k: string }[];

export type Environment = {
  readonly mode: "local" | "production";
  readonly databaseUrl: string;
  readonly mihuBaseUrl: string;
  readonly mihuToken: string;
  readonly tokenKeys: KeySet;
  readonly sessionKeys: KeySet;
  readonly sealingKeys: KeySet;
  /** Sign heads and receipts; the first one signs. */
  readonly receiptKeys: readonly ReceiptKey[];
  /** Location of the objects, near Postgres. `null`: near their first caller. */
  readonly dbRegion: DurableObjectLocationHint | null;
  /** The country of calls that are asked for directly. */
  readonly defaultCountry: string;
  /** Public URL of the service; `null`: the URL of each request. */
  readonly publicUrl: string | null;
  /** Hosts whose links may be shown beside Mihu's own. */
  readonly linkHosts: readonly string[];
  /** Time for which an inbox and a line keep an unused connection to Postgres. */
  readonly idleConnectionMs: number;
  /** Time after which a call that waits for a person is overdue. */
  readonly reviewOverdueMs: number;
  /** The HTTP API that sends mail; `null`: none. */
  readonly mail: MailApi | null;
};

const hints = ["wnam", "enam", "sam", "weur", "eeur", "apac", "oc", "afr", "me"] as const;

/** The reason why a value is refused, in words that follow the variable's name. The words never contain the value. */
class Refusal {
  readonly why: string;
  constructor(why: string) {
    this.why = why;
  }
}
type Reader<T> = (value: unknown) => T | Refusal;

// By hand and not by zod: every start of an isolate reads the environment, and zod is loaded with the API alone.
const text: Reader<string> = (value) =>
  typeof value === "string" && value !== "" ? value : new Refusal("must be a text that is not empty");

const matching =
  (pattern: RegExp, why: string): Reader<string> =>
  (value) =>
    typeof value === "string" && pattern.test(value) ? value : new Refusal(why);

const oneOf =
  <T extends string>(values: readonly T[]): Reader<T> =>
  (value) =>
    values.find((one) => one === value) ?? new Refusal(`must be one of ${values.join(", ")}`);

/** Blanks around it are taken off: a secret that was piped from a file ends with a line feed. */
const url: Reader<string> = (value) => {
  const trimmed = typeof value === "string" ? value.trim() : "";
  return /^https?:\/\/[^/\s]/i.test(trimmed) && URL.canParse(trimmed)
    ? trimmed
    : new Refusal("must be an http or https URL");
};

/** The key goes with each request. */
const httpsUrl: Reader<string> = (value) => {
  const read = url(value);
  return read instanceof Refusal || /^https:/i.test(read) ? read : new Refusal("must be https in production");
};

/** A value that may be left out or empty. */
const orNone =
  <T>(reader: Reader<T>): Reader<T | null> =>
  (value) =>
    value === undefined || value === "" ? null : reader(value);

const orDefault =
  <T>(reader: Reader<T>, otherwise: T): Reader<T> =>
  (value) =>
    value === undefined ? otherwise : reader(value);

/** Seconds that a connection may be kept: its open socket holds the object in memory, which is billed. */
const idleSecondsMin = 1;
const idleSecondsMax = 600;
const idleMsDefault = 15_000;

/** A time as `15s` or `2m`, read as milliseconds. */
const idleConnection: Reader<number> = (value) => {
  const [, digits, unit] = typeof value === "string" ? (/^(\d{1,3})([sm])$/.exec(value) ?? []) : [];
  const seconds = digits === undefined ? 0 : Number(digits) * (unit === "m" ? 60 : 1);
  return seconds >= idleSecondsMin && seconds <= idleSecondsMax
    ? 1_000 * seconds
    : new Refusal("must be a time from 1s to 10m, such as 15s");
};

/** A time as `30m`, `4h` or `2d`, read as milliseconds. */
const reviewOverdue: Reader<number> = (value) => {
  const parsed = typeof value === "string" ? parseDuration(value) : null;
  return parsed?.ok === true && parsed.ms >= 60_000
    ? parsed.ms
    : new Refusal("must be a time of a minute or more, such as 4h");
};

/** It becomes a header's value. */
const key: Reader<string> = (value) => {
  const trimmed = typeof value === "string" ? value.trim() : "";
  return /^[\x21-\x7e]{1,1000}$/.test(trimmed) ? trimmed : new Refusal("must be a key without blanks");
};

/** A sender of mail: an address, or a name and an address. Only one, and without anything that begins another header. */
const mailbox: Reader<string> = (value) => {
  const trimmed = typeof value === "string" ? value.trim() : "";
  const address = /^[^\p{Cc}<>,;]{1,100}<([^<>]+)>$/u.exec(trimmed)?.[1] ?? trimmed;
  return /^[^\s\p{Cc}<>,;:"@()[\]\\]{1,64}@[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63})+$/iu.test(address)
    ? trimmed
    : new Refusal('must be a mail address, such as "Hookline <calls@example.com>"');
};

const connection: Reader<string> = (value) =>
  isRecord(value) ? text(value.connectionString) : new Refusal("must be the binding of Hyperdrive");

const isId = (value: unknown) => typeof value === "string" && value.length >= 1 && value.length <= 64;
const isBytes32 = (value: unknown) => typeof value === "string" && /^[\w-]{43}$/.test(value);

/** A JSON list of one key or more. A key with a field that is not named here is refused. */
const keys =
  <T>(fields: Readonly<Record<string, (value: unknown) => boolean>>, form: string): Reader<readonly T[]> =>
  (value) => {
    const list = jsonOf(value);
    const isKey = (key: unknown) =>
      isRecord(key) &&
      Object.keys(key).every((name) => Object.hasOwn(fields, name)) &&
      Object.entries(fields).every(([name, isRight]) => isRight(key[name]));
    return Array.isArray(list) && list.length > 0 && list.every(isKey)
      ? list
      : new Refusal(`must be a JSON list of one or more ${form}`);
  };

const keySet = keys<KeySet[number]>({ kid: isId, k: isBytes32 }, 'keys {"kid", "k"}, `k` of 32 bytes in base64url');

const receiptKeys: Reader<readonly ReceiptKey[]> = (value) => {
  const isOptional = (d: unknown) => d === undefined || isBytes32(d);
  const isEc = (kty: unknown) => kty === "EC";
  const isP256 = (crv: unknown) => crv === "P-256";
  const read = keys<ReceiptKey>(
    { kid: isId, kty: isEc, crv: isP256, x: isBytes32, y: isBytes32, d: isOptional },
    "P-256 keys in JWK form with a kid",
  )(value);
  if (read instanceof Refusal) return read;
  return read[0]?.d === undefined ? new Refusal("must begin with a key that can sign") : read;
};

function jsonOf(value: unknown): unknown {
  try {
    return typeof value === "string" ? JSON.parse(value) : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const mailNames = ["MAIL_API_URL", "MAIL_API_KEY", "MAIL_FROM"] as const;

/** The environment lacks something. The message names variables and never a value. */
class EnvironmentError extends Error {
  readonly code = "CONFIG_INVALID";
}

const read = new WeakMap<object, Environment>();

/**
 * @param env the Worker's environment
 * @throws EnvironmentError that names every variable that is missing or malformed
 */
export function readEnvironment(env: object): Environment {
  const known = read.get(env);
  if (known !== undefined) return known;
  const refused: string[] = [];
  const all: Readonly<Record<string, unknown>> = { ...env };
  /** The cast is for a refused value, which is not used: {@link EnvironmentError} is thrown before. */
  const take = <T>(name: string, reader: Reader<T>): T => {
    const value = reader(all[name]);
    if (value instanceof Refusal) refused.push(`${name} ${all[name] === undefined ? "is missing" : value.why}`);
    return value as T;
  };
  const mode = take("MODE", orDefault(oneOf(["local", "production"] as const), "production"));
  const made: Environment = {
    mode,
    databaseUrl: take("HYPERDRIVE", connection),
    mihuBaseUrl: take("MIHU_BASE_URL", url),
    mihuToken: take("MIHU_TOKEN", text),
    tokenKeys: take("TOKEN_KEYS", keySet),
    sessionKeys: take("SESSION_KEYS", keySet),
    sealingKeys: take("SEALING_KEYS", keySet),
    receiptKeys: take("RECEIPT_KEYS", receiptKeys),
    dbRegion: take("DB_REGION", orNone(oneOf(hints))),
    defaultCountry: take("DEFAULT_COUNTRY", orDefault(matching(/^[A-Z]{2}$/, "must be two capital letters"), "US")),
    publicUrl: publicUrlOf(take("PUBLIC_URL", orNone(url))),
    linkHosts: hostsOf(take("LINK_HOSTS", orNone(text))),
    idleConnectionMs: take("IDLE_CONNECTION", orNone(idleConnection)) ?? idleMsDefault,
    reviewOverdueMs: take("REVIEW_OVERDUE", orNone(reviewOverdue)) ?? reviewOverdueDefaultMs,
    // All three, or none of them.
    mail: mailNames.every((name) => all[name] === undefined || all[name] === "")
      ? null
      : {
          url: take("MAIL_API_URL", mode === "production" ? httpsUrl : url),
          key: take("MAIL_API_KEY", key),
          from: take("MAIL_FROM", mailbox),
        },
  };
  if (refused.length > 0) throw new EnvironmentError(`These variables are missing or malformed: ${refused.join("; ")}`);
  if (mode === "production" && !made.mihuBaseUrl.startsWith("https://"))
    throw new EnvironmentError("MIHU_BASE_URL must be https in production");
  Object.freeze(made.mail);
  Object.freeze(made);
  read.set(env, made);
  return made;
}

function publicUrlOf(url: unknown): string | null {
  return typeof url === "string" ? url.replace(/\/+$/, "") : null;
}

function hostsOf(list: unknown): readonly string[] {
  return typeof list === "string" ? list.split(",").flatMap((host) => host.trim().toLowerCase() || []) : [];
}
