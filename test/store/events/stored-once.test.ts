/** The unique index that stores an event once: it also serves look-ups, however Postgres plans them. */
import type postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type World, world } from "../world/world.ts";

const rows = 100_000;
let w: World;
beforeAll(async () => {
  w = await world();
  await w.owner`insert into events (id, source, dedupe_key, external_id, type, headers, body, body_hash, state, planned_at)
    select gen_random_uuid(), 'shop', 'key-' || n, 'key-' || n, 't', '{}', '{}', 'h', 'planned', now()
    from generate_series(1, ${rows}) n`;
  await w.owner`analyze events`;
}, 120_000);
afterAll(() => w.close());

const parameters = { key: "key-77777", source: "shop" };

/** The plan of a statement about one source and one key. @param mode For its parameters, or for any. */
async function planOfKey(statement: string, mode: string): Promise<string> {
  let plan: postgres.RowList<postgres.Row[]> | undefined;
  await w.owner.begin(async (tx) => {
    await tx.unsafe(`set local plan_cache_mode = ${mode}`);
    await tx.unsafe(`prepare by_key (text, text) as ${statement}`);
    plan = await tx.unsafe(`explain execute by_key('${parameters.source}', '${parameters.key}')`);
    await tx.unsafe("deallocate by_key");
  });
  return (plan ?? []).map((row) => row["QUERY PLAN"]).join("\n");
}

describe.each(["force_custom_plan", "force_generic_plan"])("with %s, of 100,000 events", (mode) => {
  test.each([
    ["the event of a key", "select id from events where source = $1 and dedupe_key = $2"],
    ["the events of several keys", "select id from events where source = $1 and dedupe_key = any(array[$2, 'key-1'])"],
    ["keys of a join", "select e.id from (values ($2)) g(key) join events e on e.source = $1 and e.dedupe_key = g.key"],
  ])("%s is found by the index", async (_, statement) => {
    const plan = await planOfKey(statement, mode);
    expect(plan).toContain("events_stored_once");
    expect(plan).toMatch(/Index Cond: .*dedupe_key/);
    expect(plan).not.toContain("Seq Scan on events");
  });
});

test.each(["on conflict do nothing", "on conflict (source, dedupe_key) do nothing"])(
  "A second event of a key is left out by `%s`, and without it refused",
  async (clause) => {
    const insert = `insert into events (id, source, dedupe_key, type, headers, body, body_hash)
      values (gen_random_uuid(), 'shop', 'key-5', 't', '{}', '{}', 'h')`;
    expect(await w.owner.unsafe(`${insert} ${clause} returning id`)).toHaveLength(0);
    await expect(w.owner.unsafe(insert)).rejects.toMatchObject({
      code: "23505",
      constraint_name: "events_stored_once",
    });
  },
);
