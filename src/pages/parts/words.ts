/** Stored codes in words for people. An unknown code of another version is shown unchanged. */
import type { CallStatus, Outcome } from "../../domain/calls/call.ts";
import { pauseReasons } from "../../domain/problem-reasons.ts";
import type { CallView } from "../../views/calls/call.ts";
import type { EntryView, VerdictView } from "../../views/calls/timeline.ts";
import { durationText } from "./times.ts";

const statusSentences: Readonly<Record<CallStatus, string>> = {
  skipped: "No call was made: a rule or a gate decided against it.",
  held: "The call waits for a person.",
  queued: "The call waits to be placed.",
  dialing: "The call is being placed.",
  unknown: "It is not known yet whether it rang. Hookline looks it up at Mihu, and does not dial it again meanwhile.",
  review: "A person has to say whether it rang.",
  placed: "The call is placed; its outcome is not known yet.",
  ended: "The call was placed and has ended.",
  rejected: "The voice service refused this call. It did not ring.",
  expired: "The call was not placed in time. It did not ring.",
  canceled: "The call was canceled before it was placed.",
};

const outcomeSentences: Readonly<Record<Outcome, string>> = {
  completed: "The call was placed and completed",
  no_answer: "The call was placed; nobody answered",
  busy: "The call was placed; the number was busy",
  failed: "The call was placed and failed",
  canceled: "The call was placed and canceled while it rang",
  voicemail: "The call was placed and reached a voicemail",
  unspecified: "The call was placed; Mihu never reported its outcome",
};

/** Mark of a status: good, in progress, waiting for a person, or over without a call. */
type Tone = "good" | "busy" | "warn" | "still";
const tones: Readonly<Record<CallStatus, Tone>> = {
  skipped: "still",
  held: "warn",
  queued: "busy",
  dialing: "busy",
  unknown: "warn",
  review: "warn",
  placed: "busy",
  ended: "good",
  rejected: "warn",
  expired: "still",
  canceled: "still",
};

/** @returns The call's status in one sentence. */
export function callSentence(call: CallView): string {
  if (call.outcome === null) return statusSentences[call.status];
  const length = call.duration_s === null ? "" : `, after ${durationText(call.duration_s)}`;
  return `${outcomeSentences[call.outcome]}${length}.`;
}

/** Reasons that add nothing to the status. */
const plainReasons: ReadonlySet<string> = new Set(["expired", "refused", "in_turn"]);

/**
 * @returns Short text beside a call's status: its outcome, else its waiting reason, else its reason; null if there is
 *   nothing to add.
 */
export function besideStatus({ status, outcome, reason, waits }: CallView): string | null {
  if (outcome !== null) return plain(outcome);
  if (status === "queued" && waits !== null) {
    if (Object.hasOwn(pauseReasons, waits.reason)) return "line paused";
    return plainReasons.has(waits.reason) ? null : plain(waits.reason);
  }
  if (status === "canceled" && reason === "canceled") return "by a person";
  return reason === null || plainReasons.has(reason) ? null : plain(reason);
}

/** @returns Title of a call's texts. Only a placed call has said them to anybody. */
export function textsTitle(status: CallStatus): string {
  return `What the agent ${toldWords[status]}`;
}

const toldWords: Readonly<Record<CallStatus, string>> = {
  skipped: "would have been told",
  held: "would be told",
  queued: "will be told",
  dialing: "is told",
  unknown: "may have been told",
  review: "may have been told",
  placed: "was told",
  ended: "was told",
  rejected: "would have been told",
  expired: "would have been told",
  canceled: "would have been told",
};

/** @returns Mark of a call's status. An ended call that reached nobody is not marked as good. */
export function toneOf(call: CallView): Tone {
  return call.status === "ended" && call.outcome !== "completed" ? "still" : tones[call.status];
}

/** @returns A stored code without underscores: `no_answer` → `no answer`. */
export function plain(word: string): string {
  return word.replaceAll("_", " ");
}

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
};

/** @returns An entry's step in words. */
export function entryText({ action, actor, data }: EntryView): string {
  const outcome = data.outcome;
  if (action === "ended") return typeof outcome === "string" ? `Ended: ${plain(outcome)}` : "Ended";
  if (action === "placed" && data.adopted === true) return "Found at Mihu: it was placed";
  if (action === "placed" && data.rang === true) return "A person says that it rang";
  if (action === "canceled" && data.rang === false) return "A person says that it did not ring";
  if (action === "queued" && data.replayed === true) return "Queued by a replay";
  if (action === "queued" && data.again_of !== undefined) return "Queued as a further try";
  if (action === "queued" && actor.startsWith("line:")) return "Back in the queue";
  return Object.hasOwn(actions, action) ? (actions[action] ?? action) : plain(action);
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
export function verdictText({ gate, verdict }: VerdictView): { asks: string; answer: string } {
  const words = Object.hasOwn(gates, gate) ? gates[gate] : undefined;
  if (words === undefined) return { asks: `Gate ${plain(gate)}:`, answer: verdict };
  return { asks: words[0], answer: verdict === "pass" ? words[1] : words[2] };
}

const actorKinds = /^(token|line|source|person):(.+)$/;

/** @returns The actor in words; a token by the beginning of its id. */
export function actorText(actor: string): string {
  const [, kind, name] = actorKinds.exec(actor) ?? [];
  if (kind === undefined || name === undefined) return actor === "mihu" ? "Mihu" : `the ${plain(actor)}`;
  return kind === "token" ? `token ${name.slice(0, 8)}` : `${kind} ${name}`;
}
