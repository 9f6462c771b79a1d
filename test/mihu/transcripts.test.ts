import { afterEach, describe, expect, test } from "vitest";
import { mihuTranscripts } from "../../src/mihu/transcripts.ts";
import { bytesOf, type RawServer, startRawServer } from "../platform/raw-server.ts";

let raw: RawServer | undefined;
afterEach(async () => {
  await raw?.close();
  raw = undefined;
});

const perPage = 100;
type Part = { status: number; words: readonly string[] } | "hangs";

/** A Mihu whose conversation has these parts. @param tick Milliseconds by which each look at the clock moves it on. */
async function mihu(partOf: (page: number) => Part, pages: number, tick = 0) {
  raw = await startRawServer((socket, request) => {
    const url = new URL(request.split(" ")[1] ?? "/", "http://mihu.test");
    const part = url.pathname.endsWith("/sessions")
      ? { status: 200, words: [] }
      : partOf(Number(url.searchParams.get("page")));
    if (part === "hangs") return;
    const data = part.words.map((content) => ({ content, sender: "AI" }));
    socket.end(
      bytesOf(part.status, JSON.stringify({ success: part.status === 200, data: { data, last_page: pages } })),
    );
  });
  let nowMs = 0;
  const clock = {
    now: () => {
      nowMs += tick;
      return nowMs;
    },
  };
  return mihuTranscripts({ baseUrl: raw.url, token: "t", clock });
}
const full = (page: number): Part => ({
  status: 200,
  words: Array.from({ length: perPage }, (_, nth) => `${page}.${nth}`),
});
const messageRequests = () => (raw?.requests ?? []).filter((request) => request.includes("/messages")).length;

describe("A transcript", () => {
  test("that Mihu gives whole is not cut.", async () => {
    const read = await (await mihu(full, 2)).read("c-1", null, 1);
    expect(read).toMatchObject({ ok: true, transcript: { cut: null } });
    expect(read.ok && read.transcript.utterances).toHaveLength(200);
  });

  test("that is longer than one answer says so, and goes on where it was cut.", async () => {
    const transcripts = await mihu(full, 7);
    const first = await transcripts.read("c-1", null, 1);
    expect(first).toMatchObject({ ok: true, transcript: { cut: { why: "long", nextPage: 6 } } });
    const rest = await transcripts.read("c-1", null, 6);
    expect(rest).toMatchObject({ ok: true, transcript: { cut: null } });
    expect(rest.ok && rest.transcript.utterances[0]?.text).toBe("6.0");
    expect(rest.ok && rest.transcript.utterances).toHaveLength(200);
  });

  test("has one deadline over all requests: what came in time is shown, with the part that follows.", async () => {
    const read = await (await mihu(full, 5, 2_500)).read("c-1", null, 1);
    expect(read).toMatchObject({ ok: true, transcript: { cut: { why: "late" } } });
    const next = read.ok ? (read.transcript.cut?.nextPage ?? 0) : 0;
    expect(messageRequests()).toBe(next - 1);
    expect(next).toBeLessThan(6);
  });

  test("of which a later part is refused says that Mihu did not give it.", async () => {
    const read = await (await mihu((page) => (page < 3 ? full(page) : { status: 500, words: [] }), 5)).read(
      "c-1",
      null,
      1,
    );
    expect(read).toMatchObject({ ok: true, transcript: { cut: { why: "failed", nextPage: 3 } } });
  });

  test.each([
    ["unknown", 404],
    ["away", 500],
    ["away", 401],
    ["empty", 200],
  ])("of which nothing is read is refused as %s if Mihu answers %i.", async (reason, status) => {
    const read = await (await mihu(() => ({ status, words: [] }), 1)).read("c-1", null, 1);
    expect(read).toEqual({ ok: false, reason });
  });

  test("of which nothing comes in time is refused as late, and not as a refusal of Mihu.", async () => {
    expect(await (await mihu(() => "hangs", 1, 5_900)).read("c-1", null, 1)).toEqual({ ok: false, reason: "late" });
  });
});
