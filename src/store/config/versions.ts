/**
 * Guards of statements that queue calls by copies of lines and sources, for example by their calling hours and
 * countries. Each statement names the versions of its copies, and leaves out rows computed by other versions. Its locks
 * wait for a change that is being committed, and the change waits for them. Once a change is answered, nothing is
 * queued by the older version.
 */
import type { LineVersion } from "../../domain/calls/line.ts";
import { asJson, type Queries, type Sql } from "../postgres/connection.ts";

type Part = ReturnType<Sql>;

/** A line or a source, in the version of a copy. */
type Version = { readonly slug: string; readonly version: number };

/**
 * The step `same_lines`: locks the lines that have the given version. A change of a line takes the strongest lock of
 * its row, and this step waits for it. A claim takes a weaker lock, so plans and claims do not wait for each other.
 *
 * @param behind A step that must return a row and lock before the lines are locked.
 */
export function sameLines(sql: Sql, given: readonly LineVersion[], behind?: Part): Part {
  return sql`
      select l.slug from ${behind === undefined ? sql`` : sql`${behind} cross join`} ${versions(sql, given)}
        join lines l on l.slug = g.slug and l.version = g.version::bigint
      order by l.slug for key share of l`;
}

/** The step `same_sources`: locks the sources that have the given version. */
export function sameSources(sql: Sql, given: readonly Version[]): Part {
  return sql`
      select s.slug from ${versions(sql, given)} join sources s on s.slug = g.slug and s.version = g.version::bigint
      order by s.slug for share of s`;
}

/** The namespace of the advisory locks of {@link queuePlaces}. */
const turnLocks = 726_574_003;

/** Sources and lines of a plan or a change. */
type Places = { readonly sources: readonly string[]; readonly lines: readonly string[] };

/**
 * The step `same_turn`: a place in the queue of each source and line. Row locks have no queue. Plans that follow each
 * other share the rows without a break, so a change would wait until there is no plan. With this step, a plan waits
 * behind a waiting change. The step returns one row, and must be read before the rows are locked.
 *
 * @param mode `shared` for a plan, `exclusive` for a change.
 */
export function queuePlaces(sql: Queries, { sources, lines }: Places, mode: "shared" | "exclusive"): ReturnType<Sql> {
  const names = [...sources.map((slug) => `source ${slug}`), ...lines.map((slug) => `line ${slug}`)];
  const lock = mode === "shared" ? sql`pg_advisory_xact_lock_shared` : sql`pg_advisory_xact_lock`;
  // Locked in the order of the lock numbers, which prevents deadlocks.
  return sql`
      select count(${lock}(${turnLocks}::int, h)::text) as places from (
        select distinct hashtext(n) as h from json_array_elements_text(${asJson(names)}::text::json) n
        order by h offset 0) in_order`;
}

function versions(sql: Sql, given: readonly Version[]): Part {
  const rows = [...new Map(given.map(({ slug, version }) => [`${version} ${slug}`, { slug, version }])).values()];
  return sql`json_to_recordset(${asJson(rows)}::text::json) as g(slug text, version float8)`;
}
