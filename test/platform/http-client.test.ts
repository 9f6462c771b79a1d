import { afterEach, expect, test } from "vitest";
import { type HttpAnswer, type HttpRequest, request } from "../../src/platform/http-client.ts";
import { bytesOf, type RawServer, startRawServer } from "./raw-server.ts";

let server: RawServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

type Answers = Parameters<typeof startRawServer>[0];

async function ask(
  answer: Answers,
  change: Partial<HttpRequest> = {},
): Promise<{ answer: HttpAnswer; requests: string[] }> {
  server = await startRawServer(answer);
  const input = { method: "POST", url: `${server.url}/call`, headers: {}, body: "{}", timeoutMs: 5_000 } as const;
  return { answer: await request({ ...input, ...change }), requests: server.requests };
}

test("An answer comes back with its status, its headers by any spelling, and its text.", async () => {
  const { answer, requests } = await ask((socket) => socket.end(bytesOf(422, "ü", ["Retry-After: 7"])), {
    headers: { authorization: "Bearer secret", "content-type": "application/json" },
    body: '{"a":"ü"}',
  });
  expect(answer).toMatchObject({ kind: "answer", status: 422, text: "ü" });
  expect(answer.kind === "answer" && answer.headers.get("retry-after")).toBe("7");
  expect(requests).toHaveLength(1);
  expect(requests[0]).toMatch(/^POST \/call HTTP\/1\.1\r\n/);
  expect(requests[0]).toMatch(/^authorization: Bearer secret\r$/m);
  expect(requests[0]).toMatch(/^content-length: 10\r$/m);
});

test.each([301, 302, 303, 307, 308])("A %i is an answer like any other and is not followed.", async (status) => {
  const { answer, requests } = await ask((socket) => socket.end(bytesOf(status, "", ["location: /elsewhere"])));
  expect(answer).toMatchObject({ kind: "answer", status });
  expect(requests).toHaveLength(1);
});

test.each([401, 407, 408, 425, 429, 500, 502, 503, 504])("A %i is not asked again.", async (status) => {
  const { requests } = await ask((socket) => socket.end(bytesOf(status, "{}", ["retry-after: 0"])));
  expect(requests).toHaveLength(1);
});

const cuts: readonly [string, Answers][] = [
  ["before any byte", (socket) => socket.destroy()],
  ["with a reset", (socket) => socket.resetAndDestroy()],
  ["in the head", (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-le")],
  ["in a body of known length", (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n{")],
  ["in a chunked body", (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n')],
  ["by what is not HTTP", (socket) => socket.end("hello\r\n\r\n")],
];

test.each(cuts)("An answer cut %s is lost, and is not asked for again.", async (_where, answerWith) => {
  const { answer, requests } = await ask(answerWith);
  expect(answer).toMatchObject({ kind: "lost" });
  expect(requests).toHaveLength(1);
});

test("A server that is not there is lost, with the system's code.", async () => {
  server = await startRawServer(() => {});
  const { url } = server;
  await server.close();
  server = undefined;
  const answer = await request({ method: "GET", url, headers: {}, timeoutMs: 5_000 });
  expect(answer).toEqual({ kind: "lost", detail: "ECONNREFUSED" });
});

test("No answer within the limit is a timeout.", async () => {
  const { answer, requests } = await ask(() => {}, { timeoutMs: 40 });
  expect(answer).toEqual({ kind: "timeout" });
  expect(requests).toHaveLength(1);
});

test("The limit holds for the body as well: an answer that trickles is a timeout.", async () => {
  const { answer } = await ask((socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n{"), {
    timeoutMs: 60,
  });
  expect(answer).toEqual({ kind: "timeout" });
});

test("A body over the cap is cut there, and says so.", async () => {
  const { answer } = await ask((socket) => socket.end(bytesOf(200, "x".repeat(100_000))), { answerBytesMax: 1_000 });
  expect(answer).toMatchObject({ kind: "answer", status: 200, truncated: true, text: "x".repeat(1_000) });
});

test("A body of exactly the cap is whole.", async () => {
  const { answer } = await ask((socket) => socket.end(bytesOf(200, "x".repeat(1_000))), { answerBytesMax: 1_000 });
  expect(answer).not.toHaveProperty("truncated");
});

test("A body without end is cut at 256 KB when no cap is given.", async () => {
  const { answer } = await ask((socket) => {
    const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
    const more = () => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on("drain", more);
    socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    more();
  });
  expect(answer.kind === "answer" && answer.text.length).toBe(262_144);
});

test("An answer without a body is an empty text.", async () => {
  const { answer } = await ask((socket) => socket.end("HTTP/1.1 204 X\r\nconnection: close\r\n\r\n"));
  expect(answer).toMatchObject({ kind: "answer", status: 204, text: "" });
});

test.each([
  ["a header with a line break", { headers: { authorization: "Bearer hush\nhush" } }],
  ["a URL that is none", { url: "hush" }],
  ["a URL with credentials", { url: "http://hush:hush@127.0.0.1/" }],
])("%s is a mistake of ours: it throws before anything is sent, and repeats nothing.", async (_what, change) => {
  const asked = ask((socket) => socket.end(bytesOf(200, "")), change);
  await expect(asked).rejects.toThrow("malformed");
  await expect(asked).rejects.not.toThrow("hush");
  expect(server?.requests).toEqual([]);
});
