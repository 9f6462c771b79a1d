import { explain } from "../../domain/reasons.ts";
import type { VerdictRow } from "../../ports/lookups/calls.ts";
import type { EntryRow } from "../../ports/lookups/entries.ts";
import { actorName, type TokenNames } from "../actors.ts";
import { harmlessDetail } from "../detail.ts";
import { iso } from "../moment.ts";

/** An entry of the audit chain about a call or its event. */
export type EntryView = {
  readonly kind: "entry";
  readonly at: string;
  readonly subject: string;
  readonly action: string;
  readonly actor: string;
  /** The actor in words: a person by the name of their token. */
  readonly by: string;
  readonly reason: string | null;
  readonly reason_text: string | null;
  readonly data: Record<string, unknown>;
};

/** The verdict of one gate about a call. */
export type VerdictView = {
  readonly kind: "verdict";
  readonly at: string;
  readonly gate: string;
  readonly verdict: "pass" | "stop";
  readonly inputs: Record<string, unknown>;
};

/** One step in the history of a call. */
export type TimelineView = EntryView | VerdictView;

/** Entries and verdicts in one list, oldest first. At equal times, a verdict precedes the entry that it caused. */
export function timelineView(
  rows: { entries: EntryRow[]; verdicts: VerdictRow[] },
  seesAll: boolean,
  names: TokenNames,
): TimelineView[] {
  const shown = (data: Record<string, unknown>) => (seesAll ? data : harmlessDetail(data));
  const verdicts = rows.verdicts.map(({ at, gate, verdict, inputs }) => ({
    atMs: at,
    view: { kind: "verdict" as const, at: iso(at), gate, verdict, inputs: shown(inputs) },
  }));
  const entries = rows.entries.map(({ at, subject, action, actor, reason, data }) => ({
    atMs: at,
    view: {
      kind: "entry" as const,
      at: iso(at),
      subject,
      action,
      actor,
      by: actorName(actor, names),
      reason,
      reason_text: reason === null ? null : explain(reason),
      data: shown(data),
    },
  }));
  return [...verdicts, ...entries].sort((one, other) => one.atMs - other.atMs).map(({ view }) => view);
}
