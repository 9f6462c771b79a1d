import { readWhole } from "../../platform/body.ts";

/** Largest accepted form. The longest holds a rule, whose text is longer once it is encoded. */
const formBytesMax = 393_216;

/**
 * Reads a form of one of our pages. The size is bounded while it is read.
 *
 * @returns Its fields, or none for another content type; null if it is too large.
 */
export async function readForm(request: Request): Promise<URLSearchParams | null> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) return new URLSearchParams();
  const body = await readWhole(request, formBytesMax);
  return body === null ? null : new URLSearchParams(new TextDecoder().decode(body));
}
