/** Calls on their way: claimed, placed. */
import type postgres from "postgres";
import type { CallDraft } from "../../../src/domain/plan/draft.ts";
import type { ClaimedCall } from "../../../src/ports/calling/claims.ts";
import { draft, numberOf, queueCalls, type World } from "./world.ts";

let numbers = 0;

/** Queues so many calls of a line, each to a number that no other call of this file has, and claims them. */
export async function claimedCalls(
  w: World,
  line: string,
  count: number,
  deviation: Partial<CallDraft> = {},
): Promise<ClaimedCall[]> {
  await queueCalls(
    w,
    Array.from({ length: count }, () => draft({ line, number: numberOf(numbers++), ...deviation })),
  );
  const { calls } = await w.calls.claim(line, (await w.calls.claimSeq(line)) ?? 0, count);
  if (calls.length !== count) throw new Error(`${calls.length} calls were claimed, and not ${count}`);
  return calls;
}

/** So many calls that Mihu has. @returns their ids */
export async function placedCalls(
  w: World,
  line: string,
  count: number,
  deviation: Partial<CallDraft> = {},
): Promise<string[]> {
  const calls = await claimedCalls(w, line, count, deviation);
  await w.calls.record(
    line,
    calls.map(({ id, claimSeq }) => ({
      callId: id,
      claimSeq,
      status: "placed",
      conversationUuid: `conversation-${id}`,
      contactUuid: null,
      mihuId: `mihu-${id}`,
      listenUrl: null,
      recordUrl: null,
    })),
  );
  return calls.map(({ id }) => id);
}

/** One call's row. */
export async function callOf(owner: postgres.Sql, id: string) {
  const [row] = await owner`select * from calls where id = ${id}`;
  if (row === undefined) throw new Error("there is no such call");
  return row;
}

/** The entries of a call or a line, oldest first. */
export async function entriesOf(owner: postgres.Sql, subject: "call" | "line" | "stop", id: string) {
  return await owner`select action, actor, reason, data from entries
    where subject = ${subject} and subject_id = ${id} order by id`;
}
