// Verifies signed heads and receipts with the public keys alone, as an outside auditor does.
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from "jose";
import * as z from "zod";
import { headType } from "../../src/flows/audit/extend-chain.ts";
import { CommandError } from "../command.ts";
import { readText } from "../local/files.ts";

/** The service's public keys. */
export type PublicKeys = JSONWebKeySet;

/** A head with a verified signature, or an archived head without a signature (a line of the log). */
export type KnownHead = {
  position: number;
  hash: string;
  /** Epoch milliseconds; `null` if the head has no time. */
  at: number | null;
  /** The origin: the database, the notary, or a file's name. */
  from: string;
  /** Set if the head accepts a restored database: earlier heads beyond `base` are no longer valid. */
  restored: { base: number; by: string; reason: string } | null;
};

/** A head that failed verification. */
export type BadHead = { from: string; position: number | null; reason: string };

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const position = z.int().min(0);
const claims = z.looseObject({
  iss: z.literal("hookline"),
  position,
  hash,
  at: z.number(),
  restored: z.looseObject({ base: position, by: z.string(), reason: z.string() }).optional(),
});
const jwks = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });
const bare = z.looseObject({ position, hash, signed_at: z.string().optional() });
const withJws = z.looseObject({ jws: z.string() });

/** Reads a set of public keys. */
export function readJwks(body: unknown): PublicKeys {
  const parsed = jwks.safeParse(body);
  if (!parsed.success) throw new CommandError("the public keys cannot be read: they must be a JWK Set (RFC 7517)");
  return { keys: parsed.data.keys };
}

/** Public keys from a file or an address. */
export async function loadJwks(where: string): Promise<PublicKeys> {
  if (!/^https?:\/\//.test(where)) return readJwks(jsonOf(readText(where)));
  const answer = await fetch(where, { redirect: "error", signal: AbortSignal.timeout(10_000) }).catch(() => {
    throw new CommandError(`${where} cannot be reached`);
  });
  return readJwks(jsonOf(await answer.text()));
}

/**
 * Verifies a JWS of the service.
 *
 * @param type Required `typ` of the header: the type of a head or of a receipt.
 * @returns Its payload.
 * @throws CommandError with the reason, if the signature is not valid or the JWS has another type.
 */
export async function verifyJws(jws: string, type: string, keys: PublicKeys): Promise<unknown> {
  const { payload, protectedHeader } = await compactVerify(jws, createLocalJWKSet(keys), {
    algorithms: ["ES256"],
  }).catch((error: unknown) => {
    throw new CommandError(`its signature is not valid (${error instanceof Error ? error.message : "unreadable"})`);
  });
  if (protectedHeader.typ !== type)
    throw new CommandError(`it is signed as ${protectedHeader.typ ?? "nothing"}, not as ${type}`);
  return jsonOf(new TextDecoder().decode(payload));
}

/** Verifies a head. @param row the stored position and hash, which must match the signed ones */
export async function verifyHead(
  jws: string,
  from: string,
  keys: PublicKeys,
  row?: { position: number; hash: string },
): Promise<KnownHead | BadHead> {
  try {
    const said = claims.safeParse(await verifyJws(jws, headType, keys));
    if (!said.success) return { from, position: row?.position ?? null, reason: "it is not a head" };
    const { restored, ...head } = said.data;
    if (row !== undefined && (row.position !== head.position || row.hash !== head.hash))
      return { from, position: row.position, reason: "it was signed for another position or hash" };
    return { ...head, from, restored: restored ?? null };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { from, position: row?.position ?? null, reason: error.message };
  }
}

/**
 * Archived heads: one JWS a line, lines of the log, or a response of `/v1/audit/heads`. A head without a signature is trusted as
 * much as its archive.
 */
export async function headsInFile(path: string, keys: PublicKeys): Promise<(KnownHead | BadHead)[]> {
  const found: (KnownHead | BadHead)[] = [];
  const items = readText(path).split("\n").flatMap(itemsIn);
  for (const item of items) {
    if (typeof item === "string") found.push(await verifyHead(item, path, keys));
    else found.push({ ...item, from: path, restored: null });
  }
  if (found.length === 0) throw new CommandError(`${path} holds no head`);
  return found;
}

type FiledHead = string | { position: number; hash: string; at: number | null };

function itemsIn(line: string): FiledHead[] {
  const text = line.trim();
  if (/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(text)) return [text];
  const json = tryJson(text);
  const all = z.looseObject({ data: z.array(z.unknown()) }).safeParse(json);
  return (all.success ? all.data.data : [json]).flatMap((one): FiledHead[] => {
    const signed = withJws.safeParse(one);
    if (signed.success) return [signed.data.jws];
    const kept = bare.safeParse(one);
    if (!kept.success) return [];
    const { signed_at, ...head } = kept.data;
    return [{ position: head.position, hash: head.hash, at: signed_at === undefined ? null : Date.parse(signed_at) }];
  });
}

/** Whether a head passed verification. */
export function isKnown(head: KnownHead | BadHead): head is KnownHead {
  return "hash" in head;
}

function jsonOf(text: string): unknown {
  const json = tryJson(text);
  if (json === undefined) throw new CommandError("it is not JSON");
  return json;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
