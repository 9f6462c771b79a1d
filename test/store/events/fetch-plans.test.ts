/** A claim of fetches looks at the events of its own records, however many events wait and however many there are. */
import postgres from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fetchQueue } from "../../../src/store/events/fetches.ts";
import { type World, world } from "../world/world.ts";

const rows = 10_000;
const claimed = 16;

let w: World;
beforeAll(async () => {
  w = await world();
  await w.owner`insert into events (id, source, dedupe_key, type, record_type, record_id, headers, body, body_hash, received_at, fetch_at)
    select gen_random_uuid(), 'shop', n::text, 't', 'order', (n / 2)::text, '{}', '{}', 'h',
      now() - interval '1 day' + n * interval '1 millisecond', now() - interval '1 hour' + n * interval '1 millisecond'
    from generate_series(1, ${rows}) n`;
  await w.owner`insert into events (id, source, dedupe_key, type, record_type, record_id, headers, body, body_hash, state, planned_at)
    select gen_random_uuid(), 'shop', 'old-' || n, 't', 'order', n::text, '{}', '{}', 'h', 'planned', now()
    from generate_series(1, ${rows}) n`;
  await w.owner`analyze events`;
});
afterAll(() => w.close());

/** Runs a claim, and its statement once more under EXPLAIN. Both are rolled back. */
async function planOfClaim(): Promise<string> {
  const sent: { text: string; parameters: unknown[] }[] = [];
  const sql = postgres(w.url, {
    max: 1,
    fetch_types: false,
    debug: (_connection, text, parameters) => void sent.push({ text, parameters }),
  });
  try {
    await sql`begin`;
    const queue = fetchQueue({ sql: () => sql, within: (_, statement) => statement(sql), drop: () => {} });
    expect(await queue.claimFetches("shop", claimed, 60_000)).toHaveLength(claimed);
    const claim = sent.find(({ text }) => text.includes("due as"));
    const plan = await sql.unsafe<{ "QUERY PLAN": string }[]>(
      `explain (analyze, buffers, timing off) ${claim?.text}`,
      claim?.parameters.map(String),
    );
    await sql`rollback`;
    return plan.map((row) => row["QUERY PLAN"]).join("\n");
  } finally {
    await sql.end();
  }
}

it("asks an index of the events that wait for those before each event of its record", async () => {
  const plan = await planOfClaim();
  expect(plan).toContain("events_behind");
  expect(plan).not.toContain("Seq Scan on events");
  const pages = Number(/Buffers: shared hit=(\d+)/.exec(plan)?.[1]);
  expect(pages).toBeGreaterThan(0);
  expect(pages).toBeLessThan(100 * claimed);
});
