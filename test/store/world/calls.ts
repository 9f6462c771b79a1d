/** Everything that is stored of calls on the way of a line, as one object: a test of statements goes from one flow's store to another's. */
import type { DecisionStore } from "../../../src/ports/people/decisions.ts";
import { claimStore } from "../../../src/store/calls/claims.ts";
import { decisionStore } from "../../../src/store/calls/decisions.ts";
import { linePauseStore } from "../../../src/store/calls/line-pauses.ts";
import { reconciliationStore } from "../../../src/store/calls/reconciliations.ts";
import { outcomeReportStore } from "../../../src/store/calls/reports.ts";
import { resultStore } from "../../../src/store/calls/results.ts";
import { settlementStore } from "../../../src/store/calls/settlements.ts";
import { windowStore } from "../../../src/store/calls/windows.ts";
import type { Sql } from "../../../src/store/postgres/connection.ts";

export type CallStores = ReturnType<typeof callStores>;

/** @param sql returns the current client */
export function callStores(sql: () => Sql) {
  return {
    ...claimStore(sql),
    ...resultStore(sql),
    ...linePauseStore(sql),
    ...windowStore(sql),
    ...settlementStore(sql),
    ...reconciliationStore(sql),
    ...outcomeReportStore(sql),
    cancel: (...args: Parameters<DecisionStore["cancel"]>) => decisionStore(sql()).cancel(...args),
  };
}
