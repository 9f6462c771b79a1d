import { maskText } from "../../domain/people/mask.ts";
import type { ReportRow } from "../../ports/lookups.ts";
import { iso } from "../moment.ts";

/** What one of Mihu's webhooks said of a call, in Mihu's own words: kept, and not believed. `body` is its JSON, whatever that is. */
export type ReportView = { readonly event: string; readonly received_at: string; readonly body: unknown };

/** @param seesAll whether the reader may see what was said on the phone */
export function reportView({ event, at, body }: ReportRow, seesAll: boolean): ReportView {
  return { event, received_at: iso(at), body: seesAll ? JSON.parse(body) : maskText(body) };
}
