/** Digests in senders' encodings, and hashes of bytes. */
import { createHash } from "node:crypto";
import { decodeBase64, decodeHex } from "../bytes.ts";
import type { DigestEncoding, HashAlgorithm } from "./encodings.ts";

const digestBytes: Readonly<Record<HashAlgorithm, number>> = { sha1: 20, sha256: 32, sha512: 64 };

/** @returns The bytes of a digest or a signature; null if the text does not have that encoding. Never throws. */
export function decodeDigest(text: string, encoding: DigestEncoding): Uint8Array<ArrayBuffer> | null {
  return encoding === "hex" ? decodeHex(text) : decodeBase64(text);
}

/** @returns The bytes of a digest; null also if their number is wrong for the algorithm. Never throws. */
export function readDigest(
  text: string,
  encoding: DigestEncoding,
  algorithm: HashAlgorithm,
): Uint8Array<ArrayBuffer> | null {
  const bytes = decodeDigest(text, encoding);
  return bytes?.length === digestBytes[algorithm] ? bytes : null;
}

/** @returns The hash of some bytes. */
export function hashBytes(algorithm: HashAlgorithm, bytes: Uint8Array): Uint8Array {
  return createHash(algorithm).update(bytes).digest();
}
