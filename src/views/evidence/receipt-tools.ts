/** Hashes and signatures for receipts by WebCrypto, which browsers and Workers have. */
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from "jose";
import type { ChainPoint } from "../../domain/audit/chain.ts";
import type { CallReceipt } from "../../domain/audit/receipt.ts";
import type { VerifierTools } from "../../flows/audit/verify-receipt.ts";

/** A signed head. Its time is in epoch milliseconds. */
type SignedHead = ChainPoint & { readonly at: number };

const encoder = new TextEncoder();

/** @returns SHA-256 of bytes, or of a text in UTF-8, in lower-case hex. */
export async function digestHex(of: ArrayBuffer | string): Promise<string> {
  return hex(await crypto.subtle.digest("SHA-256", typeof of === "string" ? encoder.encode(of) : of));
}

/**
 * @returns The payload of a JWS (RFC 7515, ES256).
 * @throws if its signature is not valid, or it has another type
 */
export async function payloadOf(jws: string, typ: string, keys: JSONWebKeySet): Promise<unknown> {
  const { payload, protectedHeader } = await compactVerify(jws, createLocalJWKSet(keys), { algorithms: ["ES256"] });
  if (protectedHeader.typ !== typ) throw new Error(`it is signed as ${protectedHeader.typ}, not as ${typ}`);
  return JSON.parse(new TextDecoder().decode(payload));
}

/** A signed value has the type that its JWS says: only the service signs. A forged one fails at the signature. */
export function receiptTools(keys: JSONWebKeySet): VerifierTools<SignedHead> {
  const signed = async <Value>(jws: string, typ: string) => {
    try {
      return { ok: true as const, value: (await payloadOf(jws, typ, keys)) as Value };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { ok: false as const, reason: `its signature is not valid (${why})` };
    }
  };
  return {
    sha256: digestHex,
    commitment,
    async receipt(jws) {
      const found = await signed<CallReceipt>(jws, "hookline-receipt+jws");
      return found.ok ? { ok: true, receipt: found.value } : found;
    },
    async head(jws) {
      const found = await signed<SignedHead>(jws, "hookline-head+jws");
      return found.ok ? { ok: true, head: found.value } : found;
    },
  };
}

async function commitment(salt: string, text: string): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(salt), algorithm, false, ["sign"]);
  return hex(await crypto.subtle.sign("HMAC", key, encoder.encode(text)));
}

function hex(bytes: ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
