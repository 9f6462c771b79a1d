import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { genesis, linkEntries } from "../../../src/domain/audit/chain.ts";
import { sealWithinMs } from "../../../src/domain/limits.ts";
import { extendChain } from "../../../src/flows/audit/extend-chain.ts";
import { sha256Hex } from "../../../src/platform/hashes.ts";
import { chainProblems, chainStore } from "../../../src/store/audit/chain.ts";
import { connect } from "../../../src/store/postgres/connection.ts";
import { type NotaryWorld, notaryWorld } from "../world/notary.ts";

let world: NotaryWorld;
beforeEach(async () => {
  world = await notaryWorld();
});
afterEach(() => world.close());

describe("the notary", () => {
  it("links every entry once, in its order, and signs where the chain ends", async () => {
    await world.write("a", "b", "c");
    await world.toLink(3);
    expect(await world.seal()).toEqual({ ok: true, linked: 3, again: false, writing: false });
    expect(await world.seal()).toEqual({ ok: true, linked: 0, again: false, writing: false });
    await world.write("d");
    await world.seal();
    expect(await world.chain()).toEqual(["a", "b", "c", "d"]);
    const heads =
      await world.owner`select position::int, encode(hash, 'hex') as hash, kid, jws from heads order by position`;
    expect(heads.map(({ position }) => position)).toEqual([3, 4]);
    expect(heads.map(({ jws }) => jws)).toEqual(world.kept.map(({ jws }) => jws));
    expect(world.kept.at(-1)).toMatchObject({ position: 4, kid: world.keys[0]?.kid, hash: heads[1]?.hash });
  });

  it("hashes an entry by its microseconds and by what Postgres keeps of its data, so that both can be checked again", async () => {
    await world.owner`insert into entries (at, subject, subject_id, action, actor, reason, data) values
      ('2026-01-02 03:04:05.678901+00', 'call', 'ü "1"', 'placed', 'plan', null, '{"b": 1.50, "a": "\\u00e9"}')`;
    const [entry] = (await world.toLink(1)).entries;
    expect(entry).toMatchObject({
      at: "2026-01-02T03:04:05.678901Z",
      subjectId: 'ü "1"',
      reason: null,
      data: '{"a": "é", "b": 1.50}',
    });
    await world.owner`set time zone 'Asia/Tokyo'`;
    await world.seal();
    const [link] = linkEntries(genesis, entry === undefined ? [] : [entry], sha256Hex);
    expect(world.kept.at(-1)?.hash).toBe(link?.hash);
  });

  it("links nothing before a transaction that began earlier has ended, so that no late commit slips under", async () => {
    const slow = postgres(world.ownerUrl, { max: 1, onnotice: () => {} });
    let end = () => {};
    let began = () => {};
    const has = new Promise<void>((resolve) => {
      began = resolve;
    });
    const late = slow.begin(async (sql) => {
      await sql`insert into entries (subject, subject_id, action, actor) values ('call', 'c-1', 'late', 'test')`;
      began();
      await new Promise<void>((resolve) => {
        end = resolve;
      });
    });
    await has;
    await world.write("b", "c");
    expect(await extendChain(world.ports, Date.now() + 5_000)).toEqual({
      ok: true,
      linked: 0,
      again: true,
      writing: true,
    });
    end();
    await late;
    await slow.end();
    await world.seal();
    expect(await world.chain()).toEqual(["late", "b", "c"]);
  });

  it("links each entry once when several of it run at the same moment", async () => {
    const others = [1, 2, 3].map(() => connect(String(urlOf(world)), { idleSeconds: 20, connectSeconds: 5 }, () => {}));
    for (let round = 0; round < 8; round++) {
      await world.write(`${round}a`, `${round}b`);
      const runs = others.map((sql) =>
        extendChain(
          { ...world.ports, chain: chainStore(() => sql), memory: { last: () => null, store: () => {} } },
          Date.now() + 5_000,
        ),
      );
      expect((await Promise.all(runs)).every(({ ok }) => ok)).toBe(true);
    }
    await world.seal();
    const [sum] =
      await world.owner`select count(*)::int as n, max(position)::int as last, count(distinct entry_id)::int as entries from links`;
    expect(sum).toEqual({ n: 16, last: 16, entries: 16 });
    await Promise.all(others.map((sql) => sql.end()));
  });

  it("looks again when another was first, because the other may have looked before the newest entry was committed", async () => {
    await world.write("a");
    let looks = 0;
    const beaten = {
      ...world.ports.chain,
      async next(...asked: Parameters<typeof world.ports.chain.next>) {
        const found = await world.ports.chain.next(...asked);
        looks++;
        // The other has seen "a" alone, and links it between this look and this link.
        if (looks === 1) {
          expect(found.entries).toHaveLength(1);
          await world.seal();
          await world.write("b");
        }
        return found;
      },
    };
    await world.toLink(1);
    const ports = { ...world.ports, chain: beaten, memory: { last: () => null, store: () => {} } };
    expect(await extendChain(ports, Date.now() + 20_000)).toMatchObject({ ok: true, linked: 1 });
    expect(await world.chain()).toEqual(["a", "b"]);
  });

  it("knows of a transaction that may add entries before it has added any, and forgets it with its end", async () => {
    const slow = postgres(world.ownerUrl, { max: 1, onnotice: () => {} });
    const writing = async () => (await world.ports.chain.next(1, 0, null)).writing;
    expect(await writing()).toBe(false);
    await slow.unsafe(
      "begin; insert into entries (subject, subject_id, action, actor) select 'a', 'b', 'c', 'd' where false",
    );
    expect(await writing()).toBe(true);
    await slow.unsafe("rollback");
    expect(await writing()).toBe(false);
    await slow.unsafe(
      "begin; select count(*) from entries; insert into suppressions (number, reason, created_by) values ('+1', 'r', 't')",
    );
    expect(await writing()).toBe(false);
    await slow.unsafe("rollback");
    await slow.end();
  });

  it("links a burst of 20,000 entries in one run, while others are written", async () => {
    const burst = (from: number) => world.owner`
      insert into entries (subject, subject_id, action, actor) select 'call', 'c-1', (${from} + n)::text, 'burst' from generate_series(1, 10000) n`;
    await burst(0);
    const second = burst(10_000);
    const began = Date.now();
    await second;
    await world.seal();
    const [left] =
      await world.owner`select count(*)::int as n from entries e where not exists (select 1 from links l where l.entry_id = e.id)`;
    expect(left).toEqual({ n: 0 });
    expect(Date.now() - began).toBeLessThan(sealWithinMs);
  }, 60_000);

  it("writes no link after a place where the chain does not end", async () => {
    await world.write("a", "b");
    await world.seal();
    const links = [{ entryId: 99, hash: "0".repeat(64) }];
    const end = world.kept.at(-1);
    for (const after of [genesis, { position: 1, hash: end?.hash ?? "" }, { position: 2, hash: "1".repeat(64) }])
      expect(await world.ports.chain.link(after, links, [])).toBe(false);
    expect(await world.chain()).toEqual(["a", "b"]);
  });

  it("signs a head for every 256 entries and for the last, so that no entry is far from one", async () => {
    await world.owner`insert into entries (subject, subject_id, action, actor) select 'call', 'c-1', n::text, 'test' from generate_series(1, 1500) n`;
    await world.toLink(1_000);
    expect(await world.seal()).toMatchObject({ linked: 1_500 });
    const heads = await world.owner`select position::int from heads order by position`;
    expect(heads.map(({ position }) => position)).toEqual([256, 512, 768, 1024, 1280, 1500]);
  });
});

describe("a database that was restored", () => {
  /** Entries as a dump brings them: of transactions that this server has yet to reach, or reached long ago. */
  const bring = (from: number, ...actions: string[]) =>
    world.owner`insert into entries (tx, subject, subject_id, action, actor)
      select ((pg_snapshot_xmax(pg_current_snapshot())::text::numeric + ${from} + n)::text)::xid8, 'call', 'c-1', a, 'test'
      from unnest(${actions}::text[]) with ordinality as g(a, n)`;

  it("from another server, whose transactions are far ahead, has all entries linked: old, left over and new", async () => {
    await bring(1_000_000, "old 1", "old 2");
    await world.seal();
    await bring(2_000_000, "left 1", "left 2");
    await world.write("new 1");
    await world.seal();
    await world.write("new 2");
    await world.seal();
    await world.write("new 3");
    await world.seal();
    const chain = await world.chain();
    expect(chain.slice(0, 2)).toEqual(["old 1", "old 2"]);
    expect([...chain].sort()).toEqual(["left 1", "left 2", "new 1", "new 2", "new 3", "old 1", "old 2"]);
    expect(chain.slice(-2)).toEqual(["new 2", "new 3"]);
  });

  it("and whose transactions overtook the old ones while the notary was away still has all of them linked", async () => {
    await bring(40, "old 1", "old 2");
    await world.seal();
    await world.write("new 1", "new 2");
    for (let burnt = 0; burnt < 60; burnt++) await world.owner`select pg_current_xact_id()`;
    await world.write("new 3");
    await world.seal();
    expect(await world.chain()).toEqual(["old 1", "old 2", "new 1", "new 2", "new 3"]);
    expect(await world.seal()).toEqual({ ok: true, linked: 0, again: false, writing: false });
  });

  it("with more linked entries in the way than one look walks over has the new ones linked", async () => {
    await world.owner`insert into entries (tx, subject, subject_id, action, actor)
      select '5'::xid8, 'call', 'c-1', 'old', 'test' from generate_series(1, 9000) n`;
    await bring(1_000_000, "old last");
    expect(await world.seal()).toMatchObject({ linked: 9_001 });
    await world.write("new");
    expect(await world.seal()).toMatchObject({ linked: 1 });
    expect((await world.chain()).at(-1)).toBe("new");
  });

  it("with more linked entries in the way and more new ones than are linked at once has those that were left over linked", async () => {
    await world.owner`insert into entries (tx, subject, subject_id, action, actor)
      select ((pg_snapshot_xmax(pg_current_snapshot())::text::numeric + 1000000)::text)::xid8, 'call', 'c-1', 'old', 'test'
      from generate_series(1, 5000) n`;
    expect(await world.seal()).toMatchObject({ linked: 5_000 });
    await bring(2_000_000, "left 1", "left 2");
    await world.owner`insert into entries (subject, subject_id, action, actor)
      select 'call', 'c-1', 'new', 'test' from generate_series(1, 1500) n`;
    await world.toLink(1_000);
    expect(await world.seal()).toMatchObject({ linked: 1_502 });
    expect((await world.chain()).filter((action) => action.startsWith("left"))).toEqual(["left 1", "left 2"]);
    await world.write("newer");
    expect(await world.seal()).toMatchObject({ linked: 1 });
  });
});

describe("the role of the Worker", () => {
  it.each([
    "update links set position = position",
    "delete from links",
    "truncate links",
    "update heads set jws = ''",
    "delete from heads",
    "truncate heads",
  ])("may not: %s", async (statement) => {
    await world.write("a");
    await world.seal();
    await expect(world.app.unsafe(statement)).rejects.toMatchObject({ code: "42501" });
  });
});

describe("what the chain says of itself", () => {
  it("is a problem until it is right again or a person has accepted it", async () => {
    expect(await chainProblems(world.app)).toEqual([]);
    await world.ports.chain.note("chain_behind", "notary", { position: 5 });
    expect(await chainProblems(world.app)).toMatchObject([{ code: "chain_behind", count: 1 }]);
    await world.ports.chain.note("chain_restored", "token:x", { reason: "we restored it" });
    expect(await chainProblems(world.app)).toEqual([]);
  });
});

function urlOf({ app }: NotaryWorld): string {
  const { host, port, user, pass, database } = app.options;
  return `postgres://${user}:${pass}@${host[0]}:${port[0]}/${database}`;
}
