/**
 * The environment → a frozen {@link Environment}, once. What is missing or malformed is named; what is there is never printed.
 */
import * as z from "zod";
import type { ReceiptKey } from "./platform/sign.ts";

/** A set of 256-bit keys; the first is used, all are believed. */
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
  /** Where the objects live: near Postgres. `null`: near their first caller. */
  readonly dbRegion: DurableObjectLocationHint | null;
  /** The country of calls that are asked for directly. */
  readonly defaultCountry: string;
  /** As the world sees the service; `null`: as requests say it. */
  readonly publicUrl: string | null;
  /** Hosts whose links may be shown beside Mihu's own. */
  readonly linkHosts: readonly string[];
};

const hints = ["wnam", "enam", "sam", "weur", "eeur", "apac", "oc", "afr", "me"] as const;

const kid = z.string().min(1).max(64);
const bytes32 = z.string().regex(/^[\w-]{43}$/, "is not 32 bytes in base64url");

const json = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue("is not JSON");
    return z.NEVER;
  }
});
const keySet = json.pipe(z.array(z.strictObject({ kid, k: bytes32 })).min(1));
const receiptKeys = json.pipe(
  z
    .array(
      z.strictObject({
        kid,
        kty: z.literal("EC"),
        crv: z.literal("P-256"),
        x: bytes32,
        y: bytes32,
        d: bytes32.optional(),
      }),
    )
    .refine(([first]) => first?.d !== undefined, "the first key must be able to sign"),
);

const environment = z.object({
  MODE: z.enum(["local", "production"]).default("production"),
  HYPERDRIVE: z.object({ connectionString: z.string().min(1) }),
  MIHU_BASE_URL: z.url({ protocol: /^https?$/ }),
  MIHU_TOKEN: z.string().min(1),
  TOKEN_KEYS: keySet,
  SESSION_KEYS: keySet,
  SEALING_KEYS: keySet,
  RECEIPT_KEYS: receiptKeys,
  DB_REGION: z.enum(hints).or(z.literal("")).default(""),
  DEFAULT_COUNTRY: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .default("US"),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .or(z.literal(""))
    .default(""),
  LINK_HOSTS: z.string().default(""),
});

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
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const names = parsed.error.issues.map(({ path, code }) => `${path.map(String).join(".")} (${code})`);
    throw new EnvironmentError(`These variables are missing or malformed: ${names.join(", ")}`);
  }
  const value = parsed.data;
  if (value.MODE === "production" && !value.MIHU_BASE_URL.startsWith("https://"))
    throw new EnvironmentError("MIHU_BASE_URL must be https in production");
  const made: Environment = Object.freeze({
    mode: value.MODE,
    databaseUrl: value.HYPERDRIVE.connectionString,
    mihuBaseUrl: value.MIHU_BASE_URL,
    mihuToken: value.MIHU_TOKEN,
    tokenKeys: value.TOKEN_KEYS,
    sessionKeys: value.SESSION_KEYS,
    sealingKeys: value.SEALING_KEYS,
    receiptKeys: value.RECEIPT_KEYS,
    dbRegion: value.DB_REGION === "" ? null : value.DB_REGION,
    defaultCountry: value.DEFAULT_COUNTRY,
    publicUrl: value.PUBLIC_URL === "" ? null : value.PUBLIC_URL.replace(/\/+$/, ""),
    linkHosts: value.LINK_HOSTS.split(",")
      .map((host) => host.trim().toLowerCase())
      .filter((host) => host !== ""),
  });
  read.set(env, made);
  return made;
}
