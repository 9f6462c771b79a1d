/** Stored codes in words for people. An unknown code of another version is shown unchanged. */
import type { CallStatus, Outcome } from "../../domain/calls/call.ts";
import { pauseReasons } from "../../domain/pause-reasons.ts";
import type { CallView } from "../../views/calls/call.ts";
import { durationText } from "../../views/times.ts";

const statusSentences: Readonly<Record<CallStatus, string>> = {
  skipped: "No call was made.",
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
  const seconds = call.duration_s ?? 0;
  const length = seconds === 0 ? "" : `, after ${durationText(seconds)}`;
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

/** @returns Title of a call's texts. Only the agent of a placed call has them. */
export function textsTitle(status: CallStatus): string {
  return `The agent ${toldWords[status]}`;
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
