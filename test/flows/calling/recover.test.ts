import { describe, expect, it } from "vitest";
import { recover } from "../../../src/flows/calling/recover.ts";
import type { ClaimedCall, ClaimRef, ClaimStore } from "../../../src/ports/calling/claims.ts";
import { journalDisk, journalOn } from "../../runtime/journal.ts";
import { port } from "../ports.ts";
import { claimed } from "./lines.ts";

const call = (id: string): ClaimedCall => ({ ...claimed, id, eventId: `event of ${id}` });
const ref = (callId: string): ClaimRef => ({ callId, claimSeq: claimed.claimSeq });
const givenBack = (callId: string) => ({
  ...ref(callId),
  status: "queued",
  reason: "given_back",
  detail: {},
  posted: false,
  waitMs: 0,
});

/** A line that was killed: what its journal has, and what Postgres says is being dialled. */
async function killed(dialing: string[], inHand: string[] = []) {
  const storage = journalDisk();
  const before = journalOn(storage);
  await before.claimed([call("waits"), call("begun"), call("answered")]);
  await before.begin(ref("begun"));
  await before.begin(ref("answered"));
  await before.answered({ ...ref("answered"), status: "rejected", reason: "refused", detail: {} });
  const asked: unknown[] = [];
  const claims = port<ClaimStore>({
    async claimedBy(...args) {
      asked.push(args);
      return dialing.map(ref);
    },
  });
  const journal = journalOn(storage);
  const left = await recover({ claims, journal }, "support", ({ callId }) => inHand.includes(callId));
  return { left, asked, journal, before };
}
const all = ["waits", "begun", "answered"];

describe("after a kill", () => {
  it("what was not begun goes back, an answer is recorded, and what was begun is left to its lease", async () => {
    const { left, asked, journal } = await killed(all);
    expect(left).toEqual([
      { ...ref("answered"), status: "rejected", reason: "refused", detail: {} },
      givenBack("waits"),
    ]);
    expect(asked).toEqual([["support", journal.id]]);
  });

  it("what goes back can no longer be begun by the instance that claimed it", async () => {
    const { before } = await killed(all);
    expect(await before.begin(ref("waits"))).toBe(false);
  });

  it("a claim whose answer never came goes back, though the journal has not heard of it", async () => {
    const { left, before } = await killed([...all, "stray"]);
    expect(left).toContainEqual(givenBack("stray"));
    await before.claimed([call("stray")]);
    expect(await before.begin(ref("stray"))).toBe(false);
  });

  it("what the caller itself holds is left alone", async () => {
    const { left, before } = await killed(all, ["waits", "answered"]);
    expect(left).toEqual([]);
    expect(await before.begin(ref("waits"))).toBe(true);
  });
});
