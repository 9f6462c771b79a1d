/** Deliveries as people see them, and tests and redeliveries that they ask for. */
import type { DeliveryRow, DeliveryStore, TryRow } from "../../ports/hooks/delivery-lookups.ts";
import { columns, ms, number, select } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import { exactMoment, page } from "../postgres/pages.ts";
import type { deliveries, deliveryTries } from "../schema/hooks.ts";
import { beginRedelivery } from "./redeliveries.ts";
import { hasHook } from "./removed-hooks.ts";

/** Deliveries of one call that an answer holds at most. */
const ofCallMax = 200;

const deliveryColumns = columns<typeof deliveries, DeliveryRow>({
  id: "id",
  hook: "hook",
  entry: number("entry"),
  call: "call",
  type: "type",
  body: "body",
  personal: "personal",
  state: "state",
  reason: "reason",
  tries: "tries",
  nextAt: ms("next_at"),
  createdAt: ms("created_at"),
  doneAt: ms("done_at"),
});
const tryColumns = columns<typeof deliveryTries, TryRow>({
  nth: "nth",
  at: ms("at"),
  ms: "ms",
  status: "status",
  error: "error",
  answer: "answer",
});

/** @param sql the request's client */
export function deliveryStore(sql: Sql): DeliveryStore {
  return {
    async ofHook(hook, state, limit, after) {
      const rows = await sql<(DeliveryRow & { exactly: string })[]>`
        select ${select(sql, deliveryColumns, "d")}, ${exactMoment(sql, "d.created_at")} from deliveries d
        where d.hook = ${hook} and ${hasHook(sql)} ${state === null ? sql`` : sql`and d.state = ${state}`}
          ${after === null ? sql`` : sql`and (d.created_at, d.id) < (${after.at}::text::timestamptz, ${after.id}::text::uuid)`}
        order by d.created_at desc nulls last, d.id desc nulls last limit ${limit + 1}`;
      return page(rows, limit);
    },
    async ofCall(call) {
      return await sql<DeliveryRow[]>`
        select ${select(sql, deliveryColumns, "d")} from deliveries d
        where call = ${call} and ${hasHook(sql)} order by entry, id limit ${ofCallMax}`;
    },
    async find(id) {
      const [row] = await sql<
        DeliveryRow[]
      >`select ${select(sql, deliveryColumns, "d")} from deliveries d where id = ${id} and ${hasHook(sql)}`;
      return row ?? null;
    },
    async triesOf(id) {
      return await sql<TryRow[]>`
        select ${select(sql, tryColumns, "t")} from delivery_tries t where delivery = ${id} order by nth`;
    },
    async test(hook, type, body, actor) {
      const [row] = await sql<DeliveryRow[]>`
        with locked as (
          select id from hooks where id = ${hook} for key share
        ), inserted as (
          insert into deliveries (hook, type, body, personal, next_at)
          select id, ${type}, ${body}, false, now() from locked returning *
        ), audited as (
          insert into entries (subject, subject_id, action, actor) select 'hook', hook::text, 'tested', ${actor} from inserted
        )
        select ${select(sql, deliveryColumns, "d")} from inserted d`;
      return row ?? null;
    },
    async redeliver(id, actor) {
      const [row] = await sql<DeliveryRow[]>`
        with moved as (
          update deliveries d set state = 'pending', reason = null, next_at = now(), done_at = null, lease_until = null,
            tries_before = tries
          where id = ${id} and state <> 'pending' and body is not null and ${hasHook(sql)} returning *
        ), audited as (
          insert into entries (subject, subject_id, action, actor, data)
          select 'hook', hook::text, 'redelivered', ${actor}, jsonb_build_object('delivery', id) from moved
        )
        select ${select(sql, deliveryColumns, "d")} from moved d`;
      return row ?? null;
    },
    beginRedelivery: (hook, wish, actor) => beginRedelivery(sql, hook, wish, actor),
  };
}
