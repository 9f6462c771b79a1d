/**
 * What became of a call, from Mihu's words and times. Pure.
 *
 * Mihu's documentation names a call's state on older revisions only, and none of its words for the end but `completed`; the
 * others are those of the telephone company that it stands on. So: a word that is known to end a call ends it, any other
 * word is kept as it is and ends nothing, and where no word tells, the session's times do.
 */
import type { Outcome } from "../domain/calls/call.ts";
import type { JsonValue } from "../domain/json.ts";

/** A session that ended so long ago is not about to get a word or a duration any more. */
const sessionSettledMs = 60_000;

const rawCharactersMax = 100;

/** The words that end a call, with `-` for `_` and blanks. */
const endWords: Readonly<Record<string, Outcome>> = {
  completed: "completed",
  busy: "busy",
  "no-answer": "no_answer",
  failed: "failed",
  canceled: "canceled",
  cancelled: "canceled",
  voicemail: "voicemail",
};

/** The words of a call that goes on. One of them beside a session that is long over is out of date. */
const liveWords: ReadonlySet<string> = new Set(["initiated", "queued", "ringing", "in-progress"]);

/** What is known of one call. Times are epoch milliseconds, durations seconds. */
export type CallFacts = {
  readonly word: string | null;
  readonly durationS: number | null;
  readonly hasSummary: boolean;
  /** When the call's session ended; null while it lasts, or where it is not known. */
  readonly sessionEndedAt: number | null;
};

/** @returns Mihu's word as it came, cut at 100 characters; null where there is none. */
export function rawOutcome(value: JsonValue | undefined): string | null {
  const text = typeof value === "string" ? value.trim().slice(0, rawCharactersMax).toWellFormed() : "";
  return text === "" ? null : text;
}

/** @returns The outcome that a word tells, or null if it does not end a call. */
export function outcomeOfWord(word: string | null): Outcome | null {
  const known = normal(word);
  return Object.hasOwn(endWords, known) ? (endWords[known] ?? null) : null;
}

/**
 * Decides whether a call is over and what became of it.
 *
 * Without a word, talk (a duration) in an ended session is `completed`, and so is talk with a summary, which is written
 * afterwards. An ended session without talk is `unspecified`, but only after a minute: the two are not written at once,
 * and an outcome is for good. A call that ends in none of these ways is asked after again.
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
  // The session says that it is over. A word that we do not know may have said more than we can read.
  return talked && liveWords.has(normal(facts.word)) ? "completed" : "unspecified";
}

function normal(word: string | null): string {
  return (word ?? "").toLowerCase().replace(/[\s_]+/g, "-");
}
