import type { ReviewRow } from "../../ports/people/review.ts";
import { actorName, type TokenNames } from "../actors.ts";
import { type CallView, callView } from "../calls/call.ts";
import { iso } from "../moment.ts";

/** Decisions that a person may take about a waiting call, by the names of the API's operations. */
export const reviewDecisions = ["release", "cancel", "resolve"] as const;
type ReviewDecision = (typeof reviewDecisions)[number];

/** A call that waits for a person. */
export type ReviewItemView = {
  readonly call: CallView;
  readonly waiting_since: string;
  readonly age_s: number;
  readonly overdue: boolean;
  /** Name of the owner's token; null: nobody has taken it on. */
  readonly owner: string | null;
  /** Whether the reader is the owner. */
  readonly mine: boolean;
  readonly owned_at: string | null;
  /** Empty for a call that Hookline still looks up at Mihu. */
  readonly decisions: readonly ReviewDecision[];
};

type Times = { readonly nowMs: number; readonly overdueMs: number };

export function reviewItemView(
  row: ReviewRow,
  { nowMs, overdueMs }: Times,
  reader: { readonly open: boolean; readonly actor: string },
  names: TokenNames,
): ReviewItemView {
  const age = Math.max(0, nowMs - row.waitingSince);
  return {
    call: callView(row, reader.open),
    waiting_since: iso(row.waitingSince),
    age_s: Math.round(age / 1000),
    overdue: row.status !== "unknown" && age > overdueMs,
    owner: row.owner === null ? null : actorName(row.owner, names),
    mine: row.owner === reader.actor,
    owned_at: iso(row.ownedAt),
    decisions: row.status === "held" ? ["release", "cancel"] : row.status === "review" ? ["resolve"] : [],
  };
}
