/**
 * The guards of acceptance and of plans read the rows that they name, by key, however many sources, secrets and lines there are. Nodes and
 * pages are counted, never times.
 */
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { NewEvent } from "../../../src/domain/events/event.ts";
import { type EventStores, eventStores } from "../world/events.ts";
import { draft, first, newEvent, numberOf, planOf, type World, world } from "../world/world.ts";

const rows = 20_000;
/** Pages that one look-up by key may read: those of the index, and those of the row. */
const pagesMax = 8;

type Node = {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Actual Loops": number;
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  "Rows Removed by Filter"?: number;
  "Rows Removed by Index Recheck"?: number;
  Plans?: Node[];
};
type Read = { table: string; node: string; index: string | undefined; loops: number; pages: number; removed: number };

let w: World;
let secrets: string[];
let numbers = 0;
/** Nothing is known of any event before it is planned. */
const unforeseen = { sourceVersion: 0, ends: new Map() };
beforeAll(async () => {
  w = await world("line-a", "line-b");
  await w.owner`insert into sources (slug, preset) select 'source-' || n, 'generic' from generate_series(1, ${rows}) n`;
  await w.owner`insert into lines (slug, agent, calls_per_minute, calls_at_once, calls_per_day)
    select 'other-' || n, 'agent-1', 1, 1, 1 from generate_series(1, ${rows}) n`;
  await w.owner`insert into secrets (source, sealed, kid, fingerprint)
    select 'source-' || n, 'jwe', 'k', n::text from generate_series(1, ${rows}) n`;
  // A source that was rotated often has many.
  const own = await w.owner<{ id: string; retired: boolean }[]>`
    insert into secrets (source, sealed, kid, fingerprint, retired_at)
    select 'shop', 'jwe', 'k', 'own-' || n, case when n > 2 then now() end from generate_series(1, 500) n
    returning id, retired_at is not null as retired`;
  secrets = own.filter(({ retired }) => !retired).map(({ id }) => id);
  await w.owner`insert into events (id, source, dedupe_key, type, headers, body, body_hash, state, planned_at)
    select gen_random_uuid(), 'shop', 'old-' || n, 't', '{}', '{}', 'h', 'planned', now() from generate_series(1, ${rows}) n`;
  await w.owner`analyze`;
});
afterAll(() => w.close());

const version = async (): Promise<number> =>
  (await w.owner<[{ version: number }]>`select version::int from sources where slug = 'shop'`)[0].version;
const quoted = (value: unknown) => (value === null ? "null" : `'${String(value).replaceAll("'", "''")}'`);

function readsOf(node: Node): Read[] {
  const table = node["Relation Name"];
  const own = {
    node: node["Node Type"],
    index:
      node["Index Name"] ?? node.Plans?.find((below) => below["Node Type"] === "Bitmap Index Scan")?.["Index Name"],
    loops: node["Actual Loops"],
    pages: node["Shared Hit Blocks"] + node["Shared Read Blocks"],
    removed: (node["Rows Removed by Filter"] ?? 0) + (node["Rows Removed by Index Recheck"] ?? 0),
  };
  const below = (node.Plans ?? []).flatMap(readsOf);
  return table === undefined || !own.node.includes("Scan") ? below : [{ table, ...own }, ...below];
}

/**
 * Runs what is given, and its guarded statement once more under EXPLAIN. Both are rolled back.
 *
 * @param mode of the plan of a prepared statement: for its parameters, or for any
 */
async function readsBy(run: (events: EventStores) => Promise<unknown>, mode: string): Promise<Read[]> {
  const sent: { text: string; parameters: unknown[] }[] = [];
  const sql = postgres(w.url, {
    max: 1,
    fetch_types: false,
    onnotice: () => {},
    debug: (_connection, text, parameters) => void sent.push({ text, parameters }),
  });
  try {
    await sql`begin`;
    await run(eventStores({ sql: () => sql, within: (_, statement) => statement(sql), drop: () => {} }, 30_000));
    await sql`rollback`;
    const [guarded] = sent.filter(({ text }) => text.includes("source_version"));
    if (guarded === undefined) throw new Error("no guarded statement was sent");
    await sql`begin`;
    await sql.unsafe(`set local plan_cache_mode = ${mode}`);
    await sql.unsafe(`prepare guarded as ${guarded.text}`);
    const [row] = await sql.unsafe<{ "QUERY PLAN": { Plan: Node }[] }[]>(
      `explain (analyze, buffers, timing off, format json) execute guarded(${guarded.parameters.map(quoted).join(", ")})`,
    );
    await sql`rollback`;
    return (row?.["QUERY PLAN"] ?? []).flatMap(({ Plan }) => readsOf(Plan));
  } finally {
    await sql.end();
  }
}

const modes = ["force_custom_plan", "force_generic_plan"];
const sizes = [1, 100];
const cases = modes.flatMap((mode) => sizes.map((size) => [size, mode] as const));

/**
 * Each look of a guard at one of these tables is by one of the indexes of its key, throws no row away, and reads few pages.
 *
 * @param keys the indexes of each table
 */
function expectByKey(reads: readonly Read[], keys: Readonly<Record<string, readonly string[]>>): void {
  const looks = reads.filter(({ table }) => keys[table] !== undefined);
  expect(new Set(looks.map(({ table }) => table))).toEqual(new Set(Object.keys(keys)));
  for (const look of looks) {
    expect(keys[look.table], JSON.stringify(look)).toContain(look.index);
    expect(look.removed, JSON.stringify(look)).toBe(0);
    expect(look.pages, JSON.stringify(look)).toBeLessThanOrEqual(pagesMax * look.loops);
  }
  for (const { table, node } of reads) if (table === "events") expect(node).not.toBe("Seq Scan");
}

/** Events that an older copy of the source verified, each by one of its secrets. */
async function batch(size: number, sourceVersion = 0): Promise<NewEvent[]> {
  return await Promise.all(
    Array.from({ length: size }, (_, nth) =>
      newEvent({
        former: null,
        verified: { secretId: secrets[nth % secrets.length] ?? null, sourceVersion },
      }),
    ),
  );
}

describe("the guard looks up by key alone, among thousands of sources, secrets and lines,", () => {
  // A secret by its id, or all that are active of the source, which are few. The version of all lines, which the statement gives as well,
  // is no part of its guard.
  const acceptance = { sources: ["sources_pkey"], secrets: ["secrets_pkey", "secrets_once_active"] };

  test.each(cases)("of %i accepted events that an older copy verified (%s)", async (size, mode) => {
    const events = await batch(size);
    const reads = await readsBy((store) => store.accept("shop", events, unforeseen), mode);
    expectByKey(reads, acceptance);
  });

  test.each(cases)("of %i events of a spill that an older copy verified (%s)", async (size, mode) => {
    const spilled = (await batch(size)).map((event, seq) => ({ ...event, seq, receivedAt: Date.now(), bytes: 1_000 }));
    const reads = await readsBy((store) => store.drain("shop", spilled, unforeseen), mode);
    expectByKey(reads, acceptance);
  });

  test.each(modes)("and no secret for events that the present copy verified (%s)", async (mode) => {
    const events = await batch(10, await version());
    const spilled = events.map((event, seq) => ({ ...event, seq, receivedAt: Date.now(), bytes: 1_000 }));
    const reads = [
      ...(await readsBy((store) => store.accept("shop", events, unforeseen), mode)),
      ...(await readsBy((store) => store.drain("shop", spilled, unforeseen), mode)),
    ];
    expectByKey(reads, acceptance);
    expect(reads.filter(({ table, loops }) => table === "secrets" && loops > 0)).toEqual([]);
  });

  test.each(cases)("of a plan of %i events (%s)", async (size, mode) => {
    const events = await Promise.all(Array.from({ length: size }, () => newEvent({ former: null })));
    await w.events.accept("shop", events);
    const by = { slug: "shop", version: await version(), lines: [first("line-a"), first("line-b")] };
    const plans = events.map((event, nth) =>
      planOf(event, draft({ number: numberOf(numbers++), line: nth % 2 === 0 ? "line-a" : "line-b" })),
    );
    const reads = await readsBy((store) => store.plan(plans, by), mode);
    expectByKey(reads, { sources: ["sources_pkey"], lines: ["lines_pkey"] });
  });
});
