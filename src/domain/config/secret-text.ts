/**
 * A secret as it is stored. White space around it is never part of it: `echo` and editors add a line break, copy and paste a blank, and
 * no sender's form keeps them. Pure.
 */

/** @returns The secret without white space, and without a byte order mark, around it. */
export function secretText(value: string): string {
  return value.trim();
}

/** A PEM, or the base64 of a DER key in lines: both are read whatever their lines. */
const keyInLines = /^(?:-----BEGIN [A-Z ]+-----|M[A-P][A-Za-z0-9+/\s]{40,}=*$)/;

/** @returns What is wrong with a secret, with what to write instead; null if nothing is. The secret is not repeated. */
export function secretMistake(value: string): string | null {
  const text = secretText(value);
  if (text === "") return "is white space alone: give the secret as the sender shows it";
  if (!/[\r\n]/.test(text) || keyInLines.test(text)) return null;
  return "holds a line break: write it in one line, as the sender shows it (openssl breaks long base64 into lines: join them), and several secrets as several entries";
}
