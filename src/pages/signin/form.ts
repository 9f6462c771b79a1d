import { readWhole } from "../../platform/body.ts";

/** Our form holds a token and a path. */
const formBytesMax = 16_384;

/**
 * Reads a form that one of our pages sent, up to the cap.
 *
 * @returns its fields (none for another content type), or `null` if it is too large
 */
export async function readForm(request: Request): Promise<URLSearchParams | null> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) return new URLSearchParams();
  const body = await readWhole(request, formBytesMax);
  return body === null ? null : new URLSearchParams(new TextDecoder().decode(body));
}
