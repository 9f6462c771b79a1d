/**
 * Notes about changes and omissions between a request and its event. They are stored with the event's headers. Pure.
 */

/** Name of a header that Hookline adds. Its value is a comma-separated list of notes. */
export const bodyNotesHeader = "hookline-body-notes";

/** The payload has a time outside 2000 to 2100, so the event has none. */
export const timeIgnored = "time_ignored";

const sentences: Readonly<Record<string, string>> = {
  [timeIgnored]:
    "Its own time is not a time from 2000 to 2100 (ISO 8601 with a time of day, or seconds or milliseconds since 1970), so `event.occurred_at` is empty.",
  nul_replaced: "NUL characters were replaced, because Postgres cannot store them.",
  malformed_unicode_replaced: "Malformed Unicode was replaced.",
  large_number_kept_as_text: "A number with more digits than JavaScript can hold became a text.",
  inflated: "The body was compressed.",
  charset_read: "The body was not UTF-8, so it was read in its declared charset.",
  json_repaired: "Raw control characters or backslashes within JSON texts were escaped.",
  payload_parsed: "The form's only field, `payload`, held JSON.",
  files_left_out: "The form had files: their names are stored, their content is not.",
};

/** @returns Stored headers with one more note. */
export function withNote(headers: Readonly<Record<string, string>>, note: string): Record<string, string> {
  const before = headers[bodyNotesHeader];
  return { ...headers, [bodyNotesHeader]: before === undefined ? note : `${before}, ${note}` };
}

/** @param stored The header's value; null if the header is missing. */
export function bodyNotes(stored: string | null): { readonly note: string; readonly sentence: string }[] {
  return (stored ?? "")
    .split(",")
    .map((note) => note.trim())
    .filter((note) => note !== "")
    .map((note) => ({ note, sentence: sentences[note] ?? note }));
}
