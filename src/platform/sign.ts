/**
 * Publicly verifiable signatures: compact JWS (RFC 7515) with ES256. `kid` names the key, `typ` the kind of content.
 *
 * The first key of the set signs. The others stay in the set to verify older signatures, for which their public part
 * suffices.
 */
import { CompactSign, type JWK } from "jose";
import { utf8 } from "./bytes.ts";

/** An EC key on P-256 as JWK (RFC 7518, section 6.2). Without `d` it can verify and not sign. */
export type ReceiptKey = {
  readonly kid: string;
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly x: string;
  readonly y: string;
  readonly d?: string | undefined;
};

/**
 * @param keys At least one, the first with its private part.
 * @returns A signer, and the public part of the set (RFC 7517).
 */
export function createSigner(keys: readonly ReceiptKey[]) {
  const [first] = keys;
  if (first?.d === undefined) throw new Error("There is no key to sign with.");
  const { kid } = first;
  const key: JWK = { ...first, d: first.d };
  return {
    async sign(typ: string, claims: Record<string, unknown>): Promise<{ kid: string; jws: string }> {
      const signed = new CompactSign(utf8(JSON.stringify(claims)));
      return { kid, jws: await signed.setProtectedHeader({ alg: "ES256", typ, kid }).sign(key) };
    },
    jwks: { keys: keys.map(({ d: _, ...open }) => ({ ...open, use: "sig", alg: "ES256" })) },
  };
}
