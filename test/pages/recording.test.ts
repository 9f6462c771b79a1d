import { expect, test } from "vitest";
import type { CallRow } from "../../src/ports/lookups/calls.ts";
import { callRow, emptyWorld, type PagesWorld, pagesOf, readers, signIn } from "./world.ts";

function worldOf(more: Partial<CallRow> = {}): { world: PagesWorld; call: CallRow; path: string } {
  const world = emptyWorld();
  const call = callRow(more);
  world.calls.push(call);
  return { world, call, path: `/calls/${call.id}/recording` };
}

/** Opens a path as the holder of a token; null for nobody. */
async function open(world: PagesWorld, path: string, token: string | null = "token-of-ada"): Promise<Response> {
  const app = pagesOf(world);
  const headers = token === null ? {} : { cookie: await signIn(app, token) };
  return await app.request(path, { headers });
}

const listened = (world: PagesWorld) => world.noted.filter(({ action }) => action === "recording_read");

test("Opening a recording leads to Mihu, tells nobody where one comes from, is not cached, and is noted each time.", async () => {
  const { world, call, path } = worldOf();
  for (const times of [1, 2]) {
    const answer = await open(world, path);
    expect([answer.status, answer.headers.get("location")]).toEqual([302, call.recordingUrl]);
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(listened(world)).toHaveLength(times);
  }
  const actor = `token:${readers["token-of-ada"]?.jti}`;
  expect(listened(world)[0]).toMatchObject({ subject: "call", subjectId: call.id, action: "recording_read", actor });
});

test.each<[string, Partial<CallRow>, string]>([
  [
    "the link of the placing, when there is no other",
    { recordingUrl: null, recordUrl: "https://a.mihu.ai/r/1" },
    "r/1",
  ],
  [
    "the one that may be followed",
    { recordingUrl: "https://evil.example/x", recordUrl: "https://a.mihu.ai/r/2" },
    "r/2",
  ],
])("Of a call's two links it leads to %s.", async (_, more, end) => {
  const { world, path } = worldOf(more);
  expect((await open(world, path)).headers.get("location")).toBe(`https://a.mihu.ai/${end}`);
});

test.each<[string, Partial<CallRow>, string]>([
  ["has none", { recordingUrl: null, recordUrl: null }, "There is no recording of this call"],
  ["is not https", { recordingUrl: "http://acme.mihu.ai/r" }, "cannot be opened from here"],
  ["is elsewhere", { recordingUrl: "https://evil.example/mihu.ai" }, "cannot be opened from here"],
  ["is a script", { recordingUrl: "javascript:alert(1)" }, "cannot be opened from here"],
])("A call whose recording %s is a page with 404 that says so, and nothing is noted.", async (_, more, words) => {
  const { world, path } = worldOf(more);
  const answer = await open(world, path);
  expect([answer.status, answer.headers.get("location")]).toEqual([404, null]);
  expect(await answer.text()).toContain(words);
  expect(listened(world)).toEqual([]);
});

test("A token without pii:read is led nowhere, and nothing is noted.", async () => {
  const { world, path } = worldOf();
  const answer = await open(world, path, "token-of-bob");
  expect([answer.status, answer.headers.get("location")]).toEqual([403, null]);
  const html = await answer.text();
  expect(html).toContain("pii:read");
  expect(html).not.toContain("acme.mihu.ai");
  expect(world.noted).toEqual([]);
});

test("Whoever is not signed in comes back to the call and not to a redirect that a form's policy forbids.", async () => {
  const { world, call, path } = worldOf();
  const answer = await open(world, path, null);
  expect(answer.headers.get("location")).toBe(`/signin?next=${encodeURIComponent(`/calls/${call.id}`)}`);
});

test.each(["00000000-0000-4000-8000-999999999999", "x", "%00"])(
  "There is no recording of no call (%s).",
  async (id) => {
    expect((await open(worldOf().world, `/calls/${id}/recording`)).status).toBe(404);
  },
);
