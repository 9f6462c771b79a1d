/**
 * Signatures that anyone can verify: compact JWS (RFC 7515) with ES256, the key named by `kid`, the kind of content by `typ`.
 *
 * The first key of the set signs. The others stay in the set so that older signatures can be verified: their public part is enough.
 */
import { CompactSign, type JWK } from "jose";
import { utf8 } from "./bytes.ts";

/** An EC key on P-256 as JWK (RFC 7518, section 6.2). Without `d` it verifies and does not sign. */
export type ReceiptKey = {
  readonly kid: string;
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly x: string;
  readonly y: string;
  readonly d?: string | undefined;
};

/**
 * @param keys at least one, the first with its private part
 * @returns a signer, and the set's public part (RFC 7517)
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
