/**
 * Secrets that are another text in disguise: an encoding of it, or a digest of a value that anybody can look up. Pure.
 *
 * A text is decoded once. A random secret decodes to bytes that are no text, so it is not judged further.
 */

/** First digits of MD5, SHA-1 and SHA-256 of the most common passwords, and of the empty text. */
const digestHeads: ReadonlySet<string> = new Set(
  `057ba03d6c 098f6bcd46 0d107d09f5 15e2b0d3c3 1c8bfe8f80 21232f297a 25d55ad283 25f9e79432 2bb80d537b 2ff80e9159 3c469e9d6c
  4cb9c8a804 5baa61e4c9 5e884898da 5ebe2294ec 5f4dcc3b5a 65e84be335 7c222fb292 7c4a8d09ca 8c6976e5b5 8d969eef6e 8fd5ad24df
  94a08da1fe 9f86d08188 9fd09dc335 a94a8fe5cc b1b3773a05 b7a875fc1e d033e22ae3 d41d8cd98f d8578edf84 da39a3ee5e e10adc3949
  e3b0c44298 e5e9fa1ba3 ee977806d7 ef797c8118 f7c3bc1d80 fa9beb99e4`.split(/\s+/),
);
const digestHeadDigits = 10;
const digestDigits: ReadonlySet<number> = new Set([32, 40, 64]);

/**
 * Complete texts that are easily guessed: dates, phone numbers, an e-mail address. Repeating one does not make it
 * stronger.
 */
const lookedUp: readonly RegExp[] = [
  /^(?:(?:(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d)[\s_/.-]*)+$/,
  /^(?:\+\d[\d ().-]{2,18})+$/,
  /^[a-z]+(?:[._+-][a-z\d]+)*\d{0,4}@[a-z\d-]+(?:\.[a-z]{2,})+$/i,
];

/** @returns Whether a text is the digest of a common password, a date, a phone number or an address. */
export function isLookedUp(text: string): boolean {
  const hex = hexOf(text);
  if (hex !== null && digestDigits.has(hex.length) && digestHeads.has(hex.slice(0, digestHeadDigits))) return true;
  return lookedUp.some((form) => form.test(text));
}

/** @returns The text that a secret encodes in hex or base64; null if it encodes none. */
export function decodedText(text: string): string | null {
  const hex = hexOf(text);
  if (hex === null) return null;
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  try {
    const made = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return /^[^\p{C}]+$/u.test(made) ? made : null;
  } catch {
    return null;
  }
}

/** @returns The bytes of a text in hex or base64, as lower-case hex. */
function hexOf(text: string): string | null {
  if (/^(?:[\da-f]{2})+$/i.test(text)) return text.toLowerCase();
  if (!/^[\w+/-]{16,}={0,2}$/.test(text)) return null;
  try {
    const bytes = atob(text.replace(/=+$/, "").replaceAll("-", "+").replaceAll("_", "/"));
    return [...bytes].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  } catch {
    return null;
  }
}
