/** Rehearsals as the API shows them. */

import { expiryRule } from "../../domain/plan/expiry.ts";
import type { RehearsedCall } from "../../domain/plan/rehearsal.ts";
import type { CallChange, Counted, RehearsalReport } from "../../domain/plan/rehearsal-report.ts";
import { explain } from "../../domain/reasons.ts";
import type { Rehearsal } from "../../flows/planning/rehearse.ts";
import { iso } from "../moment.ts";
import { previewedCallView } from "./preview.ts";

/** @param compared Whether the rehearsed rules differ from the stored ones. */
export function rehearsalView(made: Rehearsal, compared: boolean, seesAll: boolean) {
  const changes = {
    gained: counted(made.changes, "gained"),
    lost: counted(made.changes, "lost"),
    changed: counted(made.changes, "changed"),
  };
  return {
    sentence: compared ? `${changeSentence(changes)}. ${made.report.sentence}` : made.report.sentence,
    from: iso(made.firstAt),
    to: iso(made.lastAt),
    passed_over: made.passedOver,
    expiry: expirySentence(made.report.tooOld),
    ...reportView(made.report),
    ...(made.before === null ? {} : { stored: reportView(made.before), changes }),
    ...(compared
      ? { changed_calls: made.changes.map((change) => changeView(change, seesAll)) }
      : { would_call: made.calls.map((call) => rehearsedView(call, seesAll)) }),
  };
}

function reportView(report: RehearsalReport) {
  return {
    events: report.events,
    calls: report.calls,
    customers: report.customers,
    customers_more_than_once: report.customersAgain,
    calls_per_customer_max: report.callsPerCustomerMax,
    outside_hours: report.outsideHours,
    held: report.held,
    without_number: report.withoutNumber,
    not_fetched: report.notFetched,
    already_called: report.alreadyCalled,
    too_old: report.tooOld,
    by_reason: reasonsView(report.byReason),
    by_rule: report.byRule.map(({ rule, calls, held, stopped }) => ({
      rule,
      calls,
      held,
      stopped: reasonsView(stopped),
    })),
    placeholders: report.placeholders.map(({ events, ...same }) => ({ ...same, event_ids: events })),
  };
}

function reasonsView(reasons: Counted) {
  return Object.entries(reasons).map(([reason, count]) => ({ reason, reason_text: explain(reason), count }));
}

function rehearsedView({ event, draft, status, reason, waits, already }: RehearsedCall, seesAll: boolean) {
  const { path, field } = draft.detail ?? {};
  return {
    event_id: event.id,
    type: event.type,
    received_at: iso(event.receivedAt),
    order_number: event.orderNumber,
    rule: draft.rule,
    ...previewedCallView(draft, seesAll),
    status,
    reason,
    ...(reason === "placeholder" ? { field, path } : {}),
    waits,
    already,
  };
}

function changeView({ change, call, before, fields }: CallChange, seesAll: boolean) {
  const one = rehearsedView(call, seesAll);
  return {
    change,
    ...one,
    fields,
    // A lost call is the earlier version itself, so it has none to compare with.
    before: before === null || before === call ? null : rehearsedView(before, seesAll),
  };
}

/** The rule's `expires`, with its effect on these calls if it has one. */
function expirySentence(tooOld: number): string {
  return tooOld === 0 ? expiryRule : `${expiryRule} A replay now would skip ${tooOld} of these calls as too old.`;
}

function counted(changes: readonly CallChange[], kind: CallChange["change"]): number {
  return changes.filter(({ change }) => change === kind).length;
}

function changeSentence({ gained, lost, changed }: { gained: number; lost: number; changed: number }): string {
  if (gained + lost + changed === 0) return "Nothing would change";
  const parts = [
    [gained, "gained"],
    [lost, "lost"],
    [changed, "changed"],
  ] as const;
  const said = parts.filter(([number]) => number > 0).map(([number, words]) => `${number} ${words}`);
  return `Calls: ${said.join(", ")}`;
}
