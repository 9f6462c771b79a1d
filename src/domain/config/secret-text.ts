/**
 * The stored form of a secret. Surrounding white space is removed: `echo` and editors add a line break, copy and paste
 * a blank, and no sender's form keeps them. Pure.
 */

/** @returns The secret without surrounding white space and byte order mark. */
export function secretText(value: string): string {
  return value.trim();
}

/** A PEM, or a DER key in base64 with line breaks. Both are read with any line breaks. */
const keyInLines = /^(?:-----BEGIN [A-Z ]+-----|M[A-P][A-Za-z0-9+/\s]{40,}=*$)/;

/**
 * @returns The mistake in a secret, with a correction; null if the secret is valid. The sentence does not repeat the
 * secret.
 */
export function secretMistake(value: string): string | null {
  const text = secretText(value);
  if (text === "") return "is only white space: give the secret as the sender shows it";
  if (!/[\r\n]/.test(text) || keyInLines.test(text)) return null;
  return "holds a line break: write it in one line, as the sender shows it (openssl breaks long base64 into lines: join them), and several secrets as several entries";
}
