/**
 * Troubles of a source: it refuses most requests, or nothing is heard of it. The sweep finds each by a rule that counts
 * requests and times, and tells its begin and its end by an entry, each once.
 */
import { parseDuration } from "../rules/duration.ts";

/** Minutes in which requests are counted. A source that is not rejecting for as long has recovered. */
export const rejectingMinutes = 10;

/** Refused requests within {@link rejectingMinutes} from which on a source may be rejecting. */
export const rejectingRefusedMin = 10;

/** Shortest and longest `silent_after`. The sweep looks once a minute. */
const silentAfterMsMin = 300_000;
const silentAfterMsMax = 90 * 86_400_000;

/** @returns Why a text is no `silent_after`; null if it is one. */
export function silentAfterMistake(text: string): string | null {
  const parsed = parseDuration(text);
  if (!parsed.ok) return parsed.reason;
  const isInRange = parsed.ms >= silentAfterMsMin && parsed.ms <= silentAfterMsMax;
  return isInRange ? null : 'must be from "5m" to "90d"';
}

/** Facts about a source that its troubles follow from. Times are epoch milliseconds. */
type Watched = {
  readonly silentAfter: string | null;
  readonly silentAfterAt: number | null;
  readonly rejectingSince: number | null;
  readonly silentSince: number | null;
  readonly pausedAt: number | null;
  readonly disconnectedAt: number | null;
};

/** A trouble, by the code of its problem. */
type SourceTrouble = { readonly code: "source_rejecting" | "source_silent"; readonly since: number };

/**
 * Present troubles of a source. A closed source has none, and a paused one is never silent. Silence ends with an event;
 * a longer `silent_after`, or none, hides it earlier.
 */
export function sourceTroubles(source: Watched, nowMs: number): SourceTrouble[] {
  if (source.disconnectedAt !== null) return [];
  const { rejectingSince, silentSince, silentAfter, silentAfterAt, pausedAt } = source;
  const troubles: SourceTrouble[] = [];
  if (rejectingSince !== null) troubles.push({ code: "source_rejecting", since: rejectingSince });
  const allowed = silentAfter === null ? null : parseDuration(silentAfter);
  if (silentSince !== null && allowed?.ok && pausedAt === null) {
    if (Math.max(silentSince, silentAfterAt ?? silentSince) + allowed.ms <= nowMs)
      troubles.push({ code: "source_silent", since: silentSince });
  }
  return troubles;
}
