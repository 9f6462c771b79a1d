/** Whether a value is a UUID. Postgres raises an error if any other text is compared with an id. */
export function isUuid(text: unknown): text is string {
  // `RegExp.test` converts a list of one id to that id, so the type is checked too.
  return typeof text === "string" && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
