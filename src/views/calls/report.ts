import { maskText } from "../../domain/people/mask.ts";
import type { ReportRow } from "../../ports/lookups/calls.ts";
import { iso } from "../moment.ts";

/** An outcome webhook of Mihu, stored as evidence and never trusted. `body` is its parsed JSON. */
export type ReportView = { readonly event: string; readonly received_at: string; readonly body: unknown };

/** @param seesAll Whether the reader may see summaries and transcripts. */
export function reportView({ event, at, body }: ReportRow, seesAll: boolean): ReportView {
  return { event, received_at: iso(at), body: seesAll ? JSON.parse(body) : maskText(body) };
}
