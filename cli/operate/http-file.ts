// A saved webhook: the raw text of a request, or the API's JSON.
import { CommandError } from "../command.ts";

/** The body of `POST …/verify`. */
type SavedRequest = {
  method?: string;
  url?: string;
  headers?: Record<string, string[]>;
  body?: string;
  body_base64?: string;
  at?: string | number;
};

const requestLine = /^([A-Za-z]+) (\S+)(?: HTTP\/[\d.]+)?$/;

/**
 * Reads a file: JSON with at least one of `headers`, `body` and `body_base64`, else the text of a request.
 *
 * Lines of a raw request's head may end with LF alone, and every byte after the empty line is the body. With a Content-Length the
 * body is cut at that length, since an editor may have added a newline at the end of the file.
 */
export function readRequestFile(bytes: Uint8Array): SavedRequest {
  return asJson(bytes) ?? asHttp(bytes);
}

function asJson(bytes: Uint8Array): SavedRequest | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    return ["headers", "body", "body_base64"].some((name) => name in value) ? value : null;
  } catch {
    // No JSON, so this is a raw request.
    return null;
  }
}

function asHttp(bytes: Uint8Array): SavedRequest {
  const { head, body } = split(bytes);
  const [first = "", ...lines] = head.split(/\r?\n/);
  const match = requestLine.exec(first.trim());
  if (match === null)
    throw new CommandError(
      "the file must be JSON with headers and body, or a request that begins as POST /in/SOURCE HTTP/1.1",
      2,
    );
  const headers: Record<string, string[]> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 1) throw new CommandError(`a header is expected in line ${lines.indexOf(line) + 2}`, 2);
    const name = line.slice(0, colon).trim().toLowerCase();
    headers[name] = [...(headers[name] ?? []), line.slice(colon + 1).trim()];
  }
  const length = Number(headers["content-length"]?.[0]);
  const exact = Number.isInteger(length) && length >= 0 && length <= body.length ? body.subarray(0, length) : body;
  return {
    method: (match[1] ?? "POST").toUpperCase(),
    url: urlOf(match[2] ?? "", headers),
    headers,
    body_base64: Buffer.from(exact).toString("base64"),
  };
}

/** The request's URL. A path alone is completed from the forwarded headers or `Host`; the scheme is https, and http on this machine. */
function urlOf(target: string, headers: Record<string, string[]>): string {
  const host = headers["x-forwarded-host"]?.[0] ?? headers.host?.[0];
  if (!target.startsWith("/") || host === undefined) return target;
  const isHere = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::|$)/.test(host);
  return `${headers["x-forwarded-proto"]?.[0] ?? (isHere ? "http" : "https")}://${host}${target}`;
}

function split(bytes: Uint8Array): { head: string; body: Uint8Array } {
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== 0x0a) continue;
    const next = bytes[at + 1] === 0x0d ? at + 2 : at + 1;
    if (bytes[next] === 0x0a) return { head: latin1(bytes.subarray(0, at)), body: bytes.subarray(next + 1) };
  }
  return { head: latin1(bytes).trimEnd(), body: new Uint8Array() };
}

/** Decodes bytes one to one: headers may hold any byte. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1").replace(/\r$/, "");
}
