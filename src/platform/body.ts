/** Bodies of requests and responses, read once and up to a cap. */
import { concatBytes } from "./bytes.ts";

/** `truncated`: the stream exceeded the cap, and `bytes` is its beginning. */
type CappedBytes = { readonly bytes: Uint8Array; readonly truncated: boolean };

/**
 * Reads a stream up to a cap, and cancels the rest.
 *
 * @param signal Stops the reading. The promise then rejects with the signal's reason.
 */
export async function readCapped(
  stream: ReadableStream<Uint8Array> | null,
  bytesMax: number,
  signal?: AbortSignal,
): Promise<CappedBytes> {
  if (stream === null) return { bytes: new Uint8Array(), truncated: false };
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = stream.getReader();
  const stop = () => void reader.cancel().catch(() => {});
  signal?.addEventListener("abort", stop);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      // A cancelled stream ends like a complete one.
      signal?.throwIfAborted();
      if (done) return { bytes: concatBytes(parts), truncated: false };
      parts.push(value.subarray(0, bytesMax - size));
      size += value.byteLength;
      if (size > bytesMax) {
        stop();
        return { bytes: concatBytes(parts), truncated: true };
      }
    }
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/** The sender disconnected before its body was complete, so the answer reaches nobody. */
export class BodyAborted extends Error {
  readonly code = "BODY_ABORTED";
}

/**
 * Reads a request's body up to a cap.
 *
 * @returns The bytes; null if there are more.
 * @throws BodyAborted if the body is cut short.
 */
export async function readWhole(request: Request, bytesMax: number): Promise<Uint8Array | null> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > bytesMax) return null;
  // A body with a declared length within the cap is read in one go: the runtime enforces the length.
  if (request.headers.has("content-length")) return new Uint8Array(await request.arrayBuffer().catch(aborted));
  const { bytes, truncated } = await readCapped(request.body, bytesMax).catch(aborted);
  return truncated ? null : bytes;
}

/** Throws for an unreadable body. Only the sender or the network can cut a request's body short. */
export function aborted(error: unknown): never {
  throw new BodyAborted(error instanceof Error ? error.message : String(error));
}
