/** What people decide about calls. Types only. */
import type { DecidedCall, DialTimes } from "../domain/decision.ts";

/** Who decides about a call, and why. */
export type PersonAct = { actor: string; reason: string | null };

/** What people decide about calls. Each is guarded by the status that it may be decided from: `"moved"`, `false`: somebody was first. */
export type PersonStore = {
  call(id: string): Promise<DecidedCall | null>;
  /** `queued`, `held` → `canceled`. */
  cancel(id: string, act: PersonAct): Promise<boolean>;
  /** `held` → `queued`. @param turn what it takes of its rule's `once_per` */
  release(
    id: string,
    times: DialTimes,
    turn: { key: string; until: number } | null,
    act: PersonAct,
  ): Promise<"released" | "moved" | "suppressed" | "once_per">;
  /** `review` → `placed`. `"taken"`: another call has this conversation. */
  rang(id: string, conversationUuid: string | null, actor: string): Promise<"placed" | "moved" | "taken">;
  /** `review` → `canceled`. */
  close(id: string, act: PersonAct): Promise<boolean>;
  /** A further try of a call whose end is known (`again`), or that leaves `review` by it (`resolve`). */
  again(
    id: string,
    decision: "again" | "resolve",
    times: DialTimes,
    act: PersonAct,
  ): Promise<{ callId: string; duplicate: boolean } | "moved" | "suppressed">;
};
