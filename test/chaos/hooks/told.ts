/** Whether hooks were told all of each call, in order, and its end once. Pure. */
import { type Received, type ReceiverName, receiverNames, type ToldCall } from "./receivers.ts";

/** Calls of which a hook was told something wrong, by what is wrong. */
export type HooksJudged = {
  readonly missing: readonly string[];
  readonly disordered: readonly string[];
  readonly finals: readonly string[];
  readonly ids: readonly string[];
  /** Deliveries that came, repetitions included. */
  readonly came: number;
};

/** @param told what the entries say, of each call */
export function judgeHooks(told: readonly ToldCall[], received: readonly Received[]): HooksJudged {
  const judged = { missing: [] as string[], disordered: [] as string[], finals: [] as string[], ids: [] as string[] };
  for (const hook of receiverNames) judgeOne(hook, told, received, judged);
  return { ...judged, came: received.length };
}

function judgeOne(
  hook: ReceiverName,
  told: readonly ToldCall[],
  received: readonly Received[],
  judged: Record<"missing" | "disordered" | "finals" | "ids", string[]>,
): void {
  const ofCall = Map.groupBy(
    received.filter((one) => one.hook === hook),
    ({ call }) => call,
  );
  for (const { call, events, status, finals } of told) {
    const name = `${hook} ${call}`;
    const came = ofCall.get(call) ?? [];
    const first = came.filter((one, nth) => came.findIndex(({ sequence }) => sequence === one.sequence) === nth);
    const sequences = first.map(({ sequence }) => sequence);
    if (sequences.length !== events || Math.max(0, ...sequences) !== events)
      judged.missing.push(`${name} ${sequences} of ${events}`);
    if (sequences.some((one, nth) => nth > 0 && one < (sequences[nth - 1] ?? 0)))
      judged.disordered.push(`${name} ${sequences}`);
    const ends = first.filter(({ final }) => final);
    if (ends.length !== finals || finals > 1 || ends.some((end) => end.status !== status))
      judged.finals.push(`${name} ${status}`);
    if (new Set(came.map(({ id }) => id)).size !== first.length) judged.ids.push(name);
  }
}
