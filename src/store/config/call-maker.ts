import { apiSource } from "../../domain/plan/direct-call.ts";
import type { Sql } from "../postgres/connection.ts";

/**
 * The rule and source of a call `c` in their present state, as a column `maker`: JSON of the domain's `Maker`. Null for
 * a directly requested call.
 */
export const callMaker = (sql: Sql) => madeBy(sql, sql`true`);

/**
 * Like {@link callMaker}, but only for a call that waits for a person, or that a person released or retried and that
 * has not ended. Null for any other call.
 */
export const wantedCallMaker = (sql: Sql) =>
  madeBy(
    sql,
    sql`(c.status in ('held', 'review') or (c.released_at is not null or c.again_reason is not null)
      and c.status in ('queued', 'dialing', 'unknown', 'placed'))`,
  );

const madeBy = (sql: Sql, asked: ReturnType<Sql>) => sql`case when c.source <> ${apiSource} and ${asked}
  then (select json_build_object('closed', m.disconnected_at is not null, 'ruleMode', (
      select coalesce(n.definition->>'mode', 'shadow') from rules n
      where n.source = c.source and n.name = c.rule and n.current))
    from sources m where m.slug = c.source) end as maker`;
