/**
 * Signs requests as Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, in the scheme `v1`.
 *
 * Several secrets make several signatures, separated by a space, so that a receiver may change its secret at any time
 * of a rotation.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHmac, randomBytes } from "node:crypto";
import { decodeBase64, encodeBase64, utf8 } from "../bytes.ts";

/** Marks a secret and its encoding. */
const secretPrefix = "whsec_";

/** Bytes of a secret: those of the standard, and those of a new one. */
const secretBytesMin = 24;
const secretBytesMax = 64;
const newSecretBytes = 32;

/** Headers of one request. */
type SignatureHeaders = {
  readonly "webhook-id": string;
  readonly "webhook-timestamp": string;
  readonly "webhook-signature": string;
};

/** @returns A random secret, `whsec_` and base64. */
export function newSigningSecret(): string {
  return secretPrefix + encodeBase64(randomBytes(newSecretBytes));
}

/**
 * @param message `id`: the same at each try. `body`: the text to send. `atMs`: the time of this try, epoch milliseconds.
 * @param secrets At least one. Throws for a text that is no secret of the standard: secrets are made here, so that is a
 *   bug.
 */
export function signDelivery(
  { id, body, atMs }: { readonly id: string; readonly body: string; readonly atMs: number },
  secrets: readonly string[],
): SignatureHeaders {
  if (secrets.length === 0) throw new Error("There is no secret to sign with.");
  const timestamp = String(Math.floor(atMs / 1000));
  const signed = utf8(`${id}.${timestamp}.${body}`);
  const signatures = secrets.map(
    (secret) => `v1,${createHmac("sha256", keyOf(secret)).update(signed).digest("base64")}`,
  );
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}

function keyOf(secret: string): Uint8Array {
  const key = secret.startsWith(secretPrefix) ? decodeBase64(secret.slice(secretPrefix.length)) : null;
  if (key === null || key.length < secretBytesMin || key.length > secretBytesMax)
    throw new Error("The secret is not whsec_ and the base64 of 24 to 64 bytes.");
  return key;
}
