/** Whether a text is a UUID. Postgres refuses to compare any other text with an id. */
export function isUuid(text: unknown): text is string {
  // A list of one id would be tested as that id.
  return typeof text === "string" && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
