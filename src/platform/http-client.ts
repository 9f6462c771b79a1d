/**
 * One bounded exchange over HTTP: a request, and its response or the reason why there is no response.
 *
 * Redirects are not followed (a followed 307 would post again), nothing is retried, and long responses are cut. The
 * timeout covers the last byte of the body.
 *
 * Not guaranteed: that a request without a response did not arrive. A runtime whose `fetch` implements section 4.5 of
 * the Fetch standard exactly sends a request again after a 421. workerd does not.
 */
import { readCapped } from "./body.ts";
import { abortedAt } from "./deadline.ts";

/** Larger than any useful JSON response, and small enough to hold hundreds of them. */
const answerBytesDefaultMax = 262_144;

/** Errors along the chain of `cause` that are searched for a code. */
const causesMax = 3;

/** A request. `headers` may hold secrets: no result and no error repeats them. */
export type HttpRequest = {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** From the start of the connection to the last byte of the response. */
  readonly timeoutMs: number;
  readonly answerBytesMax?: number;
};

/** The result. `lost`: no connection, or one that broke before the response was complete. */
export type HttpAnswer =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: { get(name: string): string | null };
      /** The body as UTF-8; other bytes become U+FFFD. */
      readonly text: string;
      /** The body was longer than `answerBytesMax`, and `text` is its beginning. */
      readonly truncated?: true;
    }
  | { readonly kind: "timeout" }
  | { readonly kind: "lost"; readonly detail: string };

/**
 * Sends one request and reads the response, whatever its status.
 *
 * @returns The result. A failure of the network or of the other side does not reject.
 * @throws Error if the request itself is malformed (a bad URL or header); then nothing was sent.
 */
export async function request(input: HttpRequest): Promise<HttpAnswer> {
  const prepared = prepare(input);
  return await abortedAt(input.timeoutMs, async (signal) => {
    try {
      return await exchange(prepared, signal, input.answerBytesMax ?? answerBytesDefaultMax);
    } catch (error) {
      return signal.aborted ? { kind: "timeout" } : { kind: "lost", detail: nameOfFailure(error) };
    }
  });
}

function prepare(input: HttpRequest): Request {
  try {
    return new Request(input.url, {
      method: input.method,
      headers: input.headers,
      redirect: "manual",
      ...(input.body === undefined ? {} : { body: input.body }),
    });
  } catch {
    // The runtime's own message quotes the malformed header, which may be secret.
    throw new Error("The request cannot be made: its URL or one of its headers is malformed.");
  }
}

async function exchange(prepared: Request, signal: AbortSignal, bytesMax: number): Promise<HttpAnswer> {
  const response = await fetch(prepared, { signal });
  const { bytes, truncated } = await readCapped(response.body, bytesMax, signal);
  if (!truncated && endedEarly(response.headers, bytes.byteLength)) {
    return { kind: "lost", detail: "the answer is shorter than announced" };
  }
  const text = new TextDecoder().decode(bytes);
  const answer = { kind: "answer", status: response.status, headers: response.headers, text } as const;
  return truncated ? { ...answer, truncated } : answer;
}

/**
 * Whether the body is shorter than declared. `content-length` counts bytes on the wire, so it cannot be compared with a
 * decompressed body.
 */
function endedEarly(headers: Headers, bytes: number): boolean {
  const announced = headers.get("content-length");
  const compressed = headers.get("content-encoding");
  return announced !== null && compressed === null && /^\d+$/.test(announced) && Number(announced) > bytes;
}

/** An error's code, if it has one. Never its message, which may quote the request. */
function nameOfFailure(error: unknown): string {
  let at = error;
  for (let depth = 0; depth <= causesMax && at instanceof Error; depth++) {
    if ("code" in at && typeof at.code === "string" && /^[A-Z][A-Z0-9_]{1,40}$/.test(at.code)) return at.code;
    at = at.cause;
  }
  return "the connection failed";
}
