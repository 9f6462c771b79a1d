import type { Queries } from "../postgres/connection.ts";

/**
 * The host of a hook's target, with its port. A target's path or query may be a secret, so entries, which cannot be
 * erased, and problems, which every token may read, name no more than this.
 *
 * @param hook alias of `hooks` in the statement
 */
export function hookHost(sql: Queries, hook: ReturnType<Queries>) {
  return sql`coalesce(substring(${hook}.target_url from '^[a-z]+://(?:[^/?#]*@)?([^/?#]+)'),
    substring(${hook}.target_url from '^mailto:.*@([^@?]+)'), 'unknown')`;
}

/** A hook as problems name it: its target's host and its id. */
export function hookName(sql: Queries, hook: ReturnType<Queries>) {
  return sql`(${hookHost(sql, hook)} || ' (hook ' || ${hook}.id || ')')`;
}
