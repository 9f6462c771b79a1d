import { expect, test } from "vitest";
import { readCapped, readWhole } from "../../src/platform/body.ts";
import { utf8 } from "../../src/platform/bytes.ts";

/** A stream of some pieces, which says whether it was cancelled. */
function streamOf(pieces: readonly string[], ends = true) {
  let cancelled = false;
  const left = [...pieces];
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = left.shift();
      if (next !== undefined) controller.enqueue(utf8(next));
      else if (ends) controller.close();
      else await new Promise(() => {});
    },
    cancel() {
      cancelled = true;
    },
  });
  return { stream, cancelled: () => cancelled };
}

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test.each<[string, string[], string, boolean]>([
  ["nothing", [], "", false],
  ["less than the cap", ["ab", "c"], "abc", false],
  ["as much as the cap", ["ab", "cdef"], "abcdef", false],
  ["more than the cap in one piece", ["abcdefgh"], "abcdef", true],
  ["more than the cap in the last piece", ["abcd", "ef", "g"], "abcdef", true],
])("Of a stream with %s the bytes up to the cap are read.", async (_what, pieces, text, truncated) => {
  const { stream, cancelled } = streamOf(pieces);
  const read = await readCapped(stream, 6);
  expect([textOf(read.bytes), read.truncated, cancelled()]).toEqual([text, truncated, truncated]);
});

test("A stream without end is cancelled at the cap.", async () => {
  const { stream, cancelled } = streamOf(["abcdefgh"], false);
  expect((await readCapped(stream, 6)).truncated).toBe(true);
  expect(cancelled()).toBe(true);
});

test("An aborted reading rejects with the signal's reason, and cancels the stream.", async () => {
  const { stream, cancelled } = streamOf(["ab"], false);
  const abort = new AbortController();
  const reading = expect(readCapped(stream, 6, abort.signal)).rejects.toThrow("too late");
  abort.abort(new Error("too late"));
  await reading;
  expect(cancelled()).toBe(true);
});

const post = (body: string | ReadableStream | null, headers: Record<string, string> = {}) =>
  new Request("https://hookline.example/in/shop", {
    method: "POST",
    headers,
    body,
    // Node asks for it where a body is a stream.
    ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
  });

test.each<[string, Request, string | null]>([
  ["no body", post(null), ""],
  ["a body of the cap", post("abcdef"), "abcdef"],
  ["a longer one", post("abcdefg"), null],
  ["a length within the cap", post("abc", { "content-length": "3" }), "abc"],
  ["a length over the cap", post("abc", { "content-length": "7" }), null],
  ["a stream over the cap", post(streamOf(["abcd", "efg"]).stream), null],
])("A request with %s is read whole or not at all.", async (_what, request, text) => {
  const bytes = await readWhole(request, 6);
  expect(bytes === null ? null : textOf(bytes)).toBe(text);
});
