/**
 * The outcome of a call, from Mihu's status words and times. Pure.
 *
 * Mihu documents a call's status in older revisions only, and of the final words only `completed`; the others are those of its
 * telephone provider. A word that is known to end a call ends it, any other word is stored and ends nothing, and without a word the
 * session's times decide.
 */
import type { Outcome } from "../domain/calls/call.ts";
import type { JsonValue } from "../domain/json.ts";

/** Age of an ended session after which it gets no further status or duration. */
const sessionSettledMs = 60_000;

const rawCharactersMax = 100;

/** Words that end a call, with `-` for `_` and blanks. */
const endWords: Readonly<Record<string, Outcome>> = {
  completed: "completed",
  busy: "busy",
  "no-answer": "no_answer",
  failed: "failed",
  canceled: "canceled",
  cancelled: "canceled",
  voicemail: "voicemail",
};

/** Words of a call in progress. Beside a session that ended long ago, such a word is out of date. */
const liveWords: ReadonlySet<string> = new Set(["initiated", "queued", "ringing", "in-progress"]);

/** Mihu's data on one call. Times are epoch milliseconds, durations seconds. */
export type CallFacts = {
  readonly word: string | null;
  readonly durationS: number | null;
  readonly hasSummary: boolean;
  /** End of the call's session; null while it lasts, or if it is unknown. */
  readonly sessionEndedAt: number | null;
};

/** @returns Mihu's word, cut at 100 characters; null if there is none. */
export function rawOutcome(value: JsonValue | undefined): string | null {
  const text = typeof value === "string" ? value.trim().slice(0, rawCharactersMax).toWellFormed() : "";
  return text === "" ? null : text;
}

/** @returns The outcome that a word means, or null if it does not end a call. */
export function outcomeOfWord(word: string | null): Outcome | null {
  const known = normal(word);
  return Object.hasOwn(endWords, known) ? (endWords[known] ?? null) : null;
}

/**
 * Decides whether a call is over, and its outcome.
 *
 * Without a word, talk (a duration) in an ended session is `completed`, and so is talk with a summary, which is written
 * afterwards. An ended session without talk is `unspecified` only after a minute, because Mihu does not write both at once and an
 * outcome is final. A call that ended in none of these ways is looked up again.
 *
 * @param nowMs Epoch milliseconds.
 * @returns The outcome, or null while the call goes on.
 */
export function outcomeOf(facts: CallFacts, nowMs: number): Outcome | null {
  const told = outcomeOfWord(facts.word);
  if (told !== null) return told;
  const talked = (facts.durationS ?? 0) > 0;
  const over = facts.sessionEndedAt !== null;
  const settled = facts.sessionEndedAt !== null && nowMs - facts.sessionEndedAt >= sessionSettledMs;
  if (facts.word === null && talked && (over || facts.hasSummary)) return "completed";
  if (!settled) return null;
  // The session is over. An unknown word may mean more than the session's end.
  return talked && liveWords.has(normal(facts.word)) ? "completed" : "unspecified";
}

function normal(word: string | null): string {
  return (word ?? "").toLowerCase().replace(/[\s_]+/g, "-");
}
