/** Entries that wait for their seal: how many, how long, and for which transaction. */
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sealWithinMs } from "../../../src/domain/limits.ts";
import { chainProblems } from "../../../src/store/audit/chain.ts";
import { unsealed, unsealedProblems } from "../../../src/store/audit/unsealed.ts";
import { type NotaryWorld, notaryWorld } from "../world/notary.ts";

let world: NotaryWorld;
let other: postgres.Sql;
beforeEach(async () => {
  world = await notaryWorld();
  other = postgres(world.ownerUrl, { max: 1, onnotice: () => {} });
});
afterEach(async () => {
  await other.end();
  await world.close();
});

/** Entries that were written so long ago. */
const old = (seconds: number, sql: postgres.Sql = world.owner) =>
  sql`insert into entries (at, subject, subject_id, action, actor)
    values (clock_timestamp() - ${seconds} * interval '1 second', 'call', 'c-1', 'queued', 'test')`;
const bound = sealWithinMs / 1_000;
/** Transactions of other tests may hold entries up as well, and one that makes a database takes long: they are left out. */
const named = () =>
  expect.poll(async () => (await problems())[0]?.rows.filter((row) => !row.endsWith("of postgres in postgres")), {
    timeout: 10_000,
  });
const found = async () => (await unsealed(world.app))[0];
const problems = async () => unsealedProblems(world.app, await found(), await chainProblems(world.app));

describe("entries without a seal", () => {
  it("are none in an empty log, and none once all are linked", async () => {
    expect(await found()).toMatchObject({ count: 0, oldestAt: null, ageMs: null });
    await world.write("a", "b");
    await world.seal();
    expect(await found()).toMatchObject({ count: 0, oldestAt: null, ageMs: null });
    expect(await problems()).toEqual([]);
  });

  it("are counted past the chain's end, with the age of the oldest", async () => {
    await world.write("a");
    await world.seal();
    await old(3);
    await old(7);
    const { count, ageMs } = await found();
    expect(count).toBe(2);
    expect(ageMs).toBeGreaterThanOrEqual(7_000);
    expect(ageMs).toBeLessThan(12_000);
  });

  it("are found among entries of a restored dump, whose transactions are far ahead or long ago", async () => {
    await world.owner`insert into entries (tx, subject, subject_id, action, actor)
      values ('9000000', 'call', 'c-1', 'foreign', 'test')`;
    await world.seal();
    await old(bound + 5);
    expect(await found()).toMatchObject({ count: 1 });
    expect(await problems()).toMatchObject([{ code: "entries_unsealed", count: 1 }]);
  });

  it("are a problem from the bound on, and not before", async () => {
    await old(bound - 8);
    expect(await problems()).toEqual([]);
    await old(bound + 1);
    expect(await problems()).toMatchObject([{ code: "entries_unsealed", count: 2 }]);
    await named().toEqual([]);
  });

  it("are no problem of their own while the stored chain is not the signed one", async () => {
    await old(bound + 60);
    await world.ports.chain.note("chain_differs", "notary", {});
    expect(await problems()).toEqual([]);
  });
});

describe("the transaction that holds entries up", () => {
  it("is named by its process, role and database, for the app's role too", async () => {
    const [{ pid } = { pid: 0 }] = await other<{ pid: number }[]>`select pg_backend_pid() as pid`;
    await other.unsafe("begin; insert into suppressions (number, reason, created_by) values ('+1', 'r', 't')");
    await old(bound + 1);
    await named().toEqual([expect.stringMatching(new RegExp(`^backend ${pid} of hookline_owner in hookline_`))]);
    await other.unsafe("rollback");
  });

  it("is not one that only reads, nor one that began later", async () => {
    await other.unsafe("begin isolation level repeatable read; select count(*) from entries");
    await old(bound + 1);
    await named().toEqual([]);
    await other.unsafe(
      "rollback; begin; insert into suppressions (number, reason, created_by) values ('+1', 'r', 't')",
    );
    await named().toEqual([]);
    await other.unsafe("rollback");
  });
});
