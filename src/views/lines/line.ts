/** Lines as the API shows them. */
import { lineFields } from "../../domain/config/compare.ts";
import type { StoredLine } from "../../domain/config/stored.ts";
import { explain } from "../../domain/reasons.ts";
import type { LinePace } from "../../ports/lookups/lines.ts";
import { iso } from "../moment.ts";

/** Waiting calls of a line are counted up to this number, so that a long queue costs no more. */
export const waitingCountedMax = 1_000;

/** Input of a line's view, in addition to the line. */
type LineContext = {
  /** Absent: it was not read. */
  readonly pace: LinePace | undefined;
  /** Rules that call by the line, as `source/rule`. */
  readonly rules: readonly string[];
};

export type LineView = ReturnType<typeof lineView>;

/** A line with its state, its pace and its warnings. */
export function lineView(line: StoredLine, { pace, rules }: LineContext) {
  return {
    slug: line.slug,
    ...lineFields(line),
    paused: line.pausedAt === null ? null : pauseView(line, line.pausedAt),
    not_before: iso(line.notBefore),
    calls_today: line.callsToday,
    pace: { last_minute: pace?.minute ?? 0, at_once: pace?.atOnce ?? 0, waiting: pace?.waiting ?? 0 },
    rules,
    has_webhook: line.hasWebhook,
    created_at: iso(line.createdAt),
    updated_at: iso(line.updatedAt),
    warnings: warningsOf(line),
  };
}

function pauseView({ pauseReason, pauseDetail }: StoredLine, sinceMs: number) {
  const reason = pauseReason ?? "paused_by_person";
  return { reason, reason_text: explain(reason), detail: pauseDetail, since: iso(sinceMs) };
}

function warningsOf(line: StoredLine): string[] {
  const warnings: string[] = [];
  if (line.claimsSlow) warnings.push(explain("claims_slow"));
  if (line.hours === null) warnings.push("No `hours` are set: this line calls at any time, day or night.");
  if (line.countries === null)
    warnings.push("No `countries` are set: this line calls only numbers of the source's own country.");
  if (line.callsPerDay === 0) warnings.push("`calls_per_day` is 0: this line makes no call.");
  else if (line.callsToday >= line.callsPerDay)
    warnings.push("`calls_per_day` is reached: further calls wait until midnight UTC.");
  if (!line.hasWebhook)
    warnings.push(
      "Mihu has no webhook for this line, so outcomes are polled and come later. `hookline mihu connect` registers one.",
    );
  return warnings;
}
