/** Downloads of exports as a client sees them: `fetch` of the tests reads each answer whole before it is returned. */
import { type IncomingMessage, request } from "node:http";

export type Download = {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly bytes: Buffer;
  readonly text: string;
  /** Whether the response ended as HTTP says that it ends. */
  readonly complete: boolean;
};

/** @returns the response once its headers are there; nothing of its body is read before somebody asks for it */
export function openDownload(url: string, token: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const sent = request(url, { agent: false, headers }, resolve);
    sent.on("error", reject);
    sent.end();
  });
}

/** @param onData called with the bytes so far, after each part */
export async function download(
  url: string,
  token: string,
  onData: (bytes: number) => Promise<void> | void = () => {},
): Promise<Download> {
  const answer = await openDownload(url, token);
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of answer) {
      parts.push(part);
      bytes += part.length;
      await onData(bytes);
    }
  } catch {
    // A broken connection: `complete` says so.
  }
  const all = Buffer.concat(parts);
  const status = answer.statusCode ?? 0;
  return { status, headers: answer.headers, bytes: all, text: all.toString("utf8"), complete: answer.complete };
}
