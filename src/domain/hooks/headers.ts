/**
 * Static headers of a hook, sent with each delivery. Their values may be secrets and are never shown.
 *
 * Refused: names that the delivery itself sets or that change how it is sent, and bytes that would end a header.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5
 */

const headersMax = 20;
const nameCharactersMax = 100;
const valueCharactersMax = 2_048;

/** Set by the delivery, by the connection or by proxies (RFC 9110, section 7.6.1). */
const reserved: ReadonlySet<string> = new Set([
  ...["host", "cookie", "set-cookie", "date", "expect", "user-agent"],
  ...["connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade", "via", "http2-settings"],
]);
const reservedPrefixes: readonly string[] = [
  ...["content-", "transfer-", "webhook-", "hookline-"],
  // The runtime's own, and those that would speak for a proxy.
  ...["cf-", "proxy-", "sec-", "x-forwarded-"],
];

/** A token (RFC 9110, section 5.6.2). */
const nameForm = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Visible ASCII, with blanks inside (RFC 9110, section 5.5). */
const valueForm = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/;

/** A header that was refused. The reason never quotes its value. */
type HeaderMistake = { readonly name: string; readonly reason: string };

type CheckedHeaders =
  | { readonly ok: true; readonly headers: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly mistakes: readonly HeaderMistake[] };

/** @returns The headers with their names in lower case, or the mistakes. */
export function checkHeaders(given: Readonly<Record<string, string>>): CheckedHeaders {
  const rows = Object.entries(given);
  if (rows.length > headersMax)
    return { ok: false, mistakes: [{ name: "", reason: `at most ${headersMax} headers are sent` }] };
  const seen = new Set<string>();
  const mistakes = rows.flatMap(([written, value]): HeaderMistake[] => {
    const name = written.toLowerCase();
    const mistake = nameMistake(written) ?? valueMistake(value) ?? (seen.has(name) ? "is named twice" : null);
    seen.add(name);
    return mistake === null ? [] : [{ name: written.slice(0, nameCharactersMax), reason: mistake }];
  });
  if (mistakes.length > 0) return { ok: false, mistakes };
  return { ok: true, headers: Object.fromEntries(rows.map(([name, value]) => [name.toLowerCase(), value])) };
}

function nameMistake(written: string): string | null {
  const name = written.toLowerCase();
  if (name.length > nameCharactersMax) return `has more than ${nameCharactersMax} characters`;
  if (!nameForm.test(name)) return "is not the name of a header";
  if (reserved.has(name) || reservedPrefixes.some((prefix) => name.startsWith(prefix)))
    return "is reserved: Hookline or the connection sets it";
  return null;
}

function valueMistake(value: string): string | null {
  if (value.length > valueCharactersMax) return `has a value of more than ${valueCharactersMax} characters`;
  return valueForm.test(value)
    ? null
    : "has a value with characters that a header cannot have: only visible ASCII, with blanks inside";
}
