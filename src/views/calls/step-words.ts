/** Steps of a call in words: entries and verdicts. An unknown code of another version is shown unchanged. */
import type { VerdictRow } from "../../ports/lookups/calls.ts";
import type { EntryRow } from "../../ports/lookups/entries.ts";

const actions: Readonly<Record<string, string>> = {
  skipped: "Decided against",
  held: "Held for a person",
  queued: "Queued",
  dialing: "Claimed by its line, to be dialled",
  placed: "Placed: Mihu has the call",
  unknown: "Not known whether it rang",
  looked_up: "Looked up at Mihu; still not known whether it rang",
  review: "Waits for a person to say whether it rang",
  rejected: "Refused by Mihu",
  expired: "Too late to be placed",
  canceled: "Canceled",
  released: "Released by a person",
  postponed: "Moved to the next calling hours",
  report_added: "Report added",
  conversation_found: "Its conversation was found at Mihu",
  not_this_call: "Mihu reports another call under its conversation, so the report was ignored",
  further_tries_stopped: "No further try will be made",
  erased: "The person's data was erased",
  replayed: "Replayed: the event went through the rules once more",
  fetch_put_off: "A record that the event names could not be fetched; Hookline tries again",
  conflict: "The same event id came with other bytes; the first is kept",
  read: "Read in full",
  recording_read: "Recording opened",
  listened: "Listened live",
  transcript_read: "Transcript read",
  assigned: "Taken on by a person",
  unassigned: "Given back by its owner",
  noted: "Note",
};

/** @returns An entry's step in words. */
export function entryText({ action, actor, data }: Pick<EntryRow, "action" | "actor" | "data">): string {
  const outcome = data.outcome;
  if (action === "ended") return typeof outcome === "string" ? `Ended: ${spaced(outcome)}` : "Ended";
  if (action === "placed" && data.adopted === true) return "Found at Mihu: it was placed";
  if (action === "placed" && data.rang === true) return "A person says that it rang";
  if (action === "canceled" && data.rang === false) return "A person says that it did not ring";
  if (action === "queued" && data.replayed === true) return "Queued by a replay";
  if (action === "queued" && data.again_of !== undefined) return "Queued as a further try";
  if (action === "queued" && actor.startsWith("line:")) return "Back in the queue";
  return Object.hasOwn(actions, action) ? (actions[action] ?? action) : spaced(action);
}

const gates: Readonly<Record<string, readonly [asks: string, pass: string, stop: string]>> = {
  countries: ["May the line ring this country?", "yes", "no"],
  pace: ["Does the line have a free slot?", "yes", "no"],
  hours: ["Is there a calling hour?", "yes", "no"],
  suppression: ["Is the number suppressed?", "no", "yes"],
  once_per: ["Was the customer called about this already?", "no", "yes"],
  age: ["Is it as new as its own time says?", "yes", "no"],
  loop: ["Was the number called about the same just before?", "no", "yes"],
  burst: ["Did the rule make too many calls?", "no", "yes"],
  placeholder: ["Is a value missing in its texts?", "no", "yes"],
  withdraw: ["Did a later event withdraw it?", "no", "yes"],
  expires: ["Is it still in time?", "yes", "no"],
  calls_per_day: ["May the line place another call today?", "yes", "no"],
  dial: ["Before the dial: is it still wanted, in time and allowed?", "yes", "no"],
};

/** @returns A gate's question and its answer. */
export function verdictText({ gate, verdict }: Pick<VerdictRow, "gate" | "verdict">): { asks: string; answer: string } {
  const words = Object.hasOwn(gates, gate) ? gates[gate] : undefined;
  if (words === undefined) return { asks: `Gate ${spaced(gate)}:`, answer: verdict };
  return { asks: words[0], answer: verdict === "pass" ? words[1] : words[2] };
}

function spaced(code: string): string {
  return code.replaceAll("_", " ");
}
