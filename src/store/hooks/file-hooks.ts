/** Hooks of hookline.yaml, written in the transaction of an apply. */
import { hooksMax } from "../../domain/hooks/limits.ts";
import type { HookRefusal } from "../../ports/config/config.ts";
import type { HookRow, HookWrite } from "../../ports/hooks/hooks.ts";
import type { Transaction } from "../postgres/connection.ts";
import { changeHookRow, insertHook, lockNumberOfHooks } from "./hooks.ts";

/** Ends the savepoint of the hooks, which undoes those that were written. */
class HooksRefused extends Error {
  readonly why: HookRefusal;
  constructor(why: HookRefusal) {
    super(why);
    this.why = why;
  }
}

/**
 * Writes all of the hooks or none.
 *
 * @returns The hooks after their writes; or why none was written. A hook that another request made, removed or gave
 *   another secret since the plan is not written.
 */
export async function writeHooks(
  tx: Transaction,
  writes: readonly HookWrite[],
  actor: string,
): Promise<HookRow[] | HookRefusal> {
  if (writes.length === 0) return [];
  try {
    return await tx.savepoint(async (sql) => {
      if (writes.some((write) => write.do === "add")) await lockNumberOfHooks(sql);
      // As the dispatcher locks them: the hooks by their ids, then the outbox.
      const ids = writes.flatMap((write) => (write.do === "change" ? [write.id] : []));
      if (ids.length > 0) await sql`select from hooks where id in ${sql(ids)} order by id for no key update`;
      const written: HookRow[] = [];
      for (const write of writes) {
        const hook =
          write.do === "add"
            ? await insertHook(sql, write.wish, write.sealed, actor, hooksMax)
            : ((await changeHookRow(sql, write.id, write.change, write.before, actor)) ?? "exists");
        if (typeof hook === "string") throw new HooksRefused(hook === "too_many" ? "too_many_hooks" : "hook_changed");
        written.push(hook);
      }
      return written;
    });
  } catch (error) {
    if (error instanceof HooksRefused) return error.why;
    throw error;
  }
}
