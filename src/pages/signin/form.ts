/** Our form holds a token and a path. */
const formBytesMax = 16_384;

/**
 * Reads a form that one of our pages sent, up to the cap.
 *
 * @returns its fields (none for another content type), or `null` if it is too large
 */
export async function readForm(request: Request): Promise<URLSearchParams | null> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\b/i.test(type) || request.body === null) return new URLSearchParams();
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const part of request.body) {
    size += part.byteLength;
    if (size > formBytesMax) return null;
    text += decoder.decode(part, { stream: true });
  }
  return new URLSearchParams(text + decoder.decode());
}
