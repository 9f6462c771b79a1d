const form = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a text of an address is an id of ours. Postgres would refuse any other text. */
export function isId(text: string): boolean {
  return form.test(text);
}
