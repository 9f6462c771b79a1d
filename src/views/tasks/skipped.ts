/** Calls and events that bulk work left as they were, counted by reason. */
import { explain } from "../../domain/reasons.ts";

/** Reasons that no call and no event stores. */
const sentences: Readonly<Record<"call" | "event", Readonly<Record<string, string>>>> = {
  call: {
    moved: "The call's status changed meanwhile, so nothing was done. Look at the call.",
    not_found: "There is no call of this id.",
    not_written: "Postgres rejected the decision, so the call is as it was. The log has the error.",
    conversation_missing: "Mihu gave no id for this call. Resolve it by itself, with its `conversation_uuid`.",
    unconfirmed:
      "The call's line did not confirm the stop: the call may still begin until the time in `stopped`. No further try follows.",
    in_flight: "The call is on its way to Mihu and cannot be canceled any more. No further try follows.",
    conversation_taken: "Another call has this conversation.",
  },
  event: {
    moved: "The event got a call of this rule meanwhile, so nothing was done.",
    not_found: "There is no event of this id.",
    unplanned: "The event is not planned yet. Replay it afterwards.",
    erased: "The event was erased, so it can make no call.",
    already_called: "The event's customer was called already.",
    owed: "The event has a call that waits.",
    too_old: "The event is too old for its rule's `expires`.",
  },
};

/** @returns Each reason with its sentence and its count. */
export function skippedView(reasons: Readonly<Record<string, number>>, of: "call" | "event") {
  return Object.entries(reasons).map(([reason, count]) => ({
    reason,
    reason_text: sentences[of][reason] ?? explain(reason),
    count,
  }));
}
