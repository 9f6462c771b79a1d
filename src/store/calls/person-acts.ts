/** Parameters of a person's decision. */
import type { DialTimes } from "../../domain/plan/decision.ts";
import { scrubText } from "../../platform/log.ts";
import type { PersonAct } from "../../ports/person-act.ts";
import type { Sql } from "../postgres/connection.ts";

/** A call to dial, its time, and the line and source that determine the time. */
export function dialRow(id: string, { dueAt, closesAt, expiresAt, verdicts, line, source }: DialTimes) {
  const times = { new_due: dueAt, new_closes: closesAt, new_expires: expiresAt, verdicts };
  return { id, ...times, by_line: line.slug, by_source: source.slug };
}

/** A reason as entries hold it. Entries are never erased, so a number in a reason is replaced. */
export const entryReason = ({ reason }: PersonAct) => (reason === null ? null : scrubText(reason));

/** Facts about a person's act that its entries have: the reason, and the task that carries it out. */
export const actFacts = (sql: Sql, act: PersonAct) =>
  sql`jsonb_build_object('reason', ${entryReason(act)}::text) || ${taskFact(sql, act)}`;

/** The task that carries a person's act out, as a field of the act's entries. */
export const taskFact = (sql: Sql, { task }: PersonAct) =>
  task === undefined ? sql`'{}'::jsonb` : sql`jsonb_build_object('task', ${task}::text)`;
