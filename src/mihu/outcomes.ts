/**
 * The outcome of a call, from Mihu's status words and times. Pure.
 *
 * Mihu documents a call's status only in older revisions, and of the final words only `completed`. The others are its
 * telephone provider's. A known final word ends the call. Any other word is stored and ends nothing. Without a word,
 * the session's times decide.
 */
import type { Outcome } from "../domain/calls/call.ts";
import type { JsonValue } from "../domain/json.ts";

/** Time after a session's end from which its status and duration no longer change. */
const sessionSettledMs = 60_000;

const rawCharactersMax = 100;

/** Final words, after blanks and `-` became `_`. */
const endWords: Readonly<Record<string, Outcome>> = {
  completed: "completed",
  busy: "busy",
  "no-answer": "no_answer",
  failed: "failed",
  canceled: "canceled",
  cancelled: "canceled",
  voicemail: "voicemail",
};

/** Words for a call in progress. If the session ended long ago, such a word is stale. */
const liveWords: ReadonlySet<string> = new Set(["initiated", "queued", "ringing", "in-progress"]);

/** Mihu's data about one call. Times are epoch milliseconds, durations seconds. */
export type CallFacts = {
  readonly word: string | null;
  readonly durationS: number | null;
  readonly hasSummary: boolean;
  /** End of the call's session; null while it lasts, or if it is unknown. */
  readonly sessionEndedAt: number | null;
};

/** @returns Mihu's status word, cut at 100 characters; null if there is no such word. */
export function rawOutcome(value: JsonValue | undefined): string | null {
  const text = typeof value === "string" ? value.trim().slice(0, rawCharactersMax).toWellFormed() : "";
  return text === "" ? null : text;
}

/** @returns The outcome for a final word; null for any other. */
export function outcomeOfWord(word: string | null): Outcome | null {
  const known = normal(word);
  return Object.hasOwn(endWords, known) ? (endWords[known] ?? null) : null;
}

/**
 * Decides whether a call is over, and with which outcome.
 *
 * - A final word decides.
 * - Without a word, a duration in an ended session is `completed`. So is a duration with a summary, which Mihu writes
 *   after the call.
 * - An ended session without a duration is `unspecified`, but only after a minute. Mihu does not write both at once,
 *   and an outcome is final.
 * - In all other cases the call is looked up again.
 *
 * @param nowMs Epoch milliseconds.
 * @returns The outcome; null while the call goes on.
 */
export function outcomeOf(facts: CallFacts, nowMs: number): Outcome | null {
  const told = outcomeOfWord(facts.word);
  if (told !== null) return told;
  const talked = (facts.durationS ?? 0) > 0;
  const over = facts.sessionEndedAt !== null;
  const settled = facts.sessionEndedAt !== null && nowMs - facts.sessionEndedAt >= sessionSettledMs;
  if (facts.word === null && talked && (over || facts.hasSummary)) return "completed";
  if (!settled) return null;
  // The session is over. With an unknown word, the call may still not be.
  return talked && liveWords.has(normal(facts.word)) ? "completed" : "unspecified";
}

function normal(word: string | null): string {
  return (word ?? "").toLowerCase().replace(/[\s_]+/g, "-");
}
