/** Editing the past, for real and by the owner of the database, and what `hookline verify-audit` says of it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeReceiptKeySet } from "../../../cli/install/keys.ts";
import { digestOf, linkHash } from "../../../src/domain/audit/chain.ts";
import { acceptRestored, extendChain } from "../../../src/flows/audit/extend-chain.ts";
import { sha256Hex } from "../../../src/platform/hashes.ts";
import { createSigner } from "../../../src/platform/sign.ts";
import type { Head } from "../../../src/ports/audit/chain.ts";
import { runHookline } from "../../command-line.ts";
import { type NotaryWorld, notaryWorld } from "../world/notary.ts";

const dir = mkdtempSync(join(tmpdir(), "hookline-audit-"));
afterAll(() => rmSync(dir, { recursive: true }));

let world: NotaryWorld;
let server: Server;
let url: string;

beforeEach(async () => {
  world = await notaryWorld();
  // What the service answers: its public keys, and the heads that the notary keeps.
  server = createServer((request, response) => {
    const heads = world.kept.map((head) => ({ ...head, at: new Date(head.at).toISOString() }));
    const body = request.url === "/v1/audit/heads" ? { data: heads, problem: null } : world.ports.signer.jwks;
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
});
afterEach(async () => {
  await new Promise((done) => server.close(done));
  await world.close();
});

async function verify(args: string[] = [], env: Record<string, string> = {}) {
  const own = { HOOKLINE_URL: url, HOOKLINE_TOKEN: "t", DATABASE_URL: world.ownerUrl };
  const ran = await runHookline(["verify-audit", ...args], { ...own, ...env });
  const broken = ran.out.split("\n").filter((line) => line.startsWith("BROKEN"));
  return { ...ran, broken: broken.join("\n") };
}

/** Twelve entries, linked in three runs: heads at 4, 8 and 12. */
async function twelve(): Promise<void> {
  for (const from of [1, 5, 9]) {
    await world.write(...[0, 1, 2, 3].map((n) => `e${from + n}`));
    await world.toLink(4);
    await world.seal();
  }
}

/** Computes every link from a position on anew, as somebody would who may write everything. */
async function rehash(from: number): Promise<void> {
  await world.owner`create temp table kept as select position, entry_id from links where position >= ${from} order by position`;
  await world.owner`delete from links where position >= ${from}`;
  const all = await world.toLink(13 - from);
  let { hash } = all.last;
  const order = await world.owner<
    { position: number; id: number }[]
  >`select position::int, entry_id::int as id from kept order by position`;
  for (const { position, id } of order) {
    const entry = all.entries.find((one) => one.id === id);
    if (entry === undefined) continue;
    hash = linkHash(hash, digestOf(entry, sha256Hex), sha256Hex);
    await world.owner`insert into links values (${position}, ${id}, decode(${hash}, 'hex'))`;
  }
  await world.owner`drop table kept`;
}

describe("a chain that nobody touched", () => {
  it("holds, whoever asks: the owner, or the role that may only read it", async () => {
    await twelve();
    const asked = await verify();
    expect(asked).toMatchObject({ code: 0, broken: "" });
    expect(asked.out).toContain("12 entries verified, up to position 12");
    expect(asked.out).toContain("signed up to position 12");
    expect(asked.said).toContain("3 in the database, 3 kept by the notary");
    const { user, pass, host, port, database } = world.app.options;
    const asApp = { DATABASE_URL: `postgres://${user}:${pass}@${host[0]}:${port[0]}/${database}` };
    expect(await verify([], asApp)).toMatchObject({ code: 0 });
  });

  it("holds when it is empty, and when its end is not linked yet", async () => {
    expect(await verify()).toMatchObject({ code: 0 });
    await twelve();
    await world.write("e13");
    expect(await verify()).toMatchObject({ code: 0 });
  });

  it("is verified with files alone: the keys, and heads as lines of the log, as JWS or as the API's answer", async () => {
    await twelve();
    const [jwks, log, jws, api] = ["jwks.json", "log", "heads.txt", "heads.json"].map((name) => join(dir, name));
    writeFileSync(jwks ?? "", JSON.stringify(world.ports.signer.jwks));
    const lines = world.kept.map(({ position, hash, at }) =>
      JSON.stringify({ level: "info", message: "audit head", position, hash, signed_at: new Date(at).toISOString() }),
    );
    writeFileSync(log ?? "", `{"message":"swept"}\n${lines.join("\n")}\n`);
    writeFileSync(jws ?? "", world.kept.map((head) => head.jws).join("\n"));
    writeFileSync(api ?? "", JSON.stringify({ data: world.kept, problem: null }));
    const args = ["--offline", "--jwks", jwks ?? "", "--heads", log ?? "", "--heads", jws ?? "", "--heads", api ?? ""];
    const good = await verify(args, { HOOKLINE_URL: "" });
    expect(good).toMatchObject({ code: 0 });
    expect(good.said).toContain("9 in files");
    await world.owner`delete from links where position > 10`;
    await world.owner`delete from entries where action in ('e11', 'e12')`;
    await world.owner`delete from heads where position > 10`;
    for (const file of [log, jws, api]) {
      const cut = await verify(["--offline", "--jwks", jwks ?? "", "--heads", file ?? ""], { HOOKLINE_URL: "" });
      expect([file, cut.code, cut.broken.includes("tail was cut")]).toEqual([file, 1, true]);
    }
    expect(await verify(["--offline", "--jwks", jwks ?? ""], { HOOKLINE_URL: "" })).toMatchObject({ code: 0 });
  });
});

describe("editing the past is named at its place", () => {
  it.each<[string, string[], RegExp]>([
    [
      "an entry's data was changed",
      [`update entries set data = '{"n": "other"}' where action = 'e6'`],
      /position 6 \(entry 6\) was changed/,
    ],
    [
      "an entry's actor was changed",
      ["update entries set actor = 'plan' where action = 'e6'"],
      /position 6 \(entry 6\) was changed/,
    ],
    [
      "an entry's time was moved by a microsecond",
      ["update entries set at = at + interval '1 microsecond' where action = 'e12'"],
      /position 12 \(entry 12\) was changed/,
    ],
    ["an entry was removed", ["delete from entries where action = 'e6'"], /entry 6 at position 6 was removed/],
    [
      "an entry and its link were removed",
      ["delete from entries where action = 'e6'", "delete from links where position = 6"],
      /link at position 6 is missing/,
    ],
    [
      "an entry was removed and the gap closed",
      [
        "delete from entries where action = 'e6'",
        "delete from links where position = 6",
        "update links set position = -position where position > 6",
        "update links set position = -position - 1 where position < 0",
      ],
      /an entry was removed before position 6 \(entry 7\)/,
    ],
    [
      "an entry was inserted with a link of any hash",
      [
        "insert into entries (subject, subject_id, action, actor) values ('call', 'c-1', 'forged', 'plan')",
        "update links set position = -position where position > 5",
        "update links set position = -position + 1 where position < 0",
        "insert into links select 6, max(id), sha256('x') from entries",
      ],
      /an entry was inserted at position 6 \(entry 13\)/,
    ],
    [
      "two neighbours were exchanged, links and all",
      [
        "update links set position = -position where position in (6, 7)",
        "update links set position = 13 + position where position < 0",
      ],
      /the order was changed: position 6 \(entry 7\)/,
    ],
    [
      "the entries of two links were exchanged",
      [
        "update links set entry_id = -entry_id where position in (6, 9)",
        "update links set entry_id = 15 + entry_id where entry_id < 0",
      ],
      /the order was changed: position 6 \(entry 9\)/,
    ],
    [
      "a stored hash was changed",
      ["update links set hash = sha256('x') where position = 6"],
      /the stored hash of position 6 \(entry 6\) was changed/,
    ],
    [
      "the tail was cut, heads in the database and all",
      [
        "delete from links where position > 9",
        "delete from entries where id > 9",
        "delete from heads where position > 9",
      ],
      /the tail was cut: position 12 was signed .* \(head of the notary\), and the chain ends at 9/,
    ],
    [
      "an old entry was never linked",
      [
        "insert into entries (at, subject, subject_id, action, actor) values (now() - interval '1 hour', 'call', 'c-1', 'forged', 'plan')",
      ],
      /entry 13 is older than 10 minutes and not in the chain/,
    ],
    [
      "everything was removed",
      ["truncate entries, links, heads"],
      /the tail was cut: position 4 .* the chain ends at 0/,
    ],
  ])("%s", async (_, statements, sentence) => {
    await twelve();
    // Whoever owns the database need not obey its checks.
    await world.owner`alter table links drop constraint links_position`;
    for (const statement of statements) await world.owner.unsafe(statement);
    const { code, broken } = await verify();
    expect(code).toBe(1);
    expect(broken).toMatch(sentence);
    expect(broken.split("\n")).toHaveLength(1);
  });

  it("an entry was inserted with the right hash for its place, and all that follow were moved", async () => {
    await twelve();
    await world.owner`alter table links drop constraint links_position`;
    await world.write("forged");
    const { entries } = await world.toLink(1);
    const [before] = await world.ports.chain.hashes([5]);
    const digest = digestOf(entries[0] ?? fail("there is no entry"), sha256Hex);
    const hash = linkHash(before?.hash ?? "", digest, sha256Hex);
    await world.owner`update links set position = -position where position > 5`;
    await world.owner`update links set position = -position + 1 where position < 0`;
    await world.owner`insert into links values (6, 13, decode(${hash}, 'hex'))`;
    expect((await verify()).broken).toContain("an entry was inserted at position 6: position 7 (entry 6)");
  });

  it("all was written anew by somebody who may write everything: the heads outside of the database show it", async () => {
    await twelve();
    await world.owner`update entries set actor = 'somebody else' where action = 'e6'`;
    await rehash(6);
    const byDatabase = await verify();
    expect(byDatabase.broken).toMatch(/written anew: at position 8 .* it was changed after position 4/);
    await world.owner`delete from heads`;
    const byNotary = await verify();
    expect([byNotary.code, byNotary.broken]).toEqual([1, expect.stringContaining("(head of the notary)")]);
  });

  it("heads were written anew as well, with a key that is not ours or for another place", async () => {
    await twelve();
    const forged = await createSigner(makeReceiptKeySet()).sign("hookline-head+jws", {
      iss: "hookline",
      position: 8,
      hash: "0".repeat(64),
      at: 1,
    });
    await world.owner`update heads set jws = ${forged.jws} where position = 8`;
    expect((await verify()).broken).toMatch(
      /a head of the database at position 8 cannot be believed: its signature is not valid/,
    );
    await world.owner`update heads set jws = ${world.kept[0]?.jws ?? ""} where position = 8`;
    expect((await verify()).broken).toMatch(
      /a head of the database at position 8 cannot be believed: it was signed for another/,
    );
    const receipt = await world.ports.signer.sign("hookline-receipt+jws", {
      iss: "hookline",
      position: 8,
      hash: "0".repeat(64),
      at: 1,
    });
    await world.owner`update heads set jws = ${receipt.jws} where position = 8`;
    expect((await verify()).broken).toMatch(/it is signed as .*, not as hookline-head\+jws/);
  });
});

describe("an entry that says it is older than it can be", () => {
  /** One entry of its own, linked and signed. */
  const add = async (at: string, id = "default") => {
    await world.owner.unsafe(`insert into entries (id, at, subject, subject_id, action, actor) overriding system value
      values (${id}, ${at}, 'call', 'c-1', 'forged', 'plan')`);
    await world.toLink(1);
    await world.seal();
  };

  it.each(["now() - interval '1 day'", "now() - interval '12 minutes'", "'-infinity'"])(
    "is named though it is linked and signed: %s",
    async (at) => {
      await twelve();
      await add(at);
      await world.write("after");
      await world.seal();
      const { code, broken } = await verify();
      expect(code).toBe(1);
      expect(broken).toMatch(/^BROKEN: the entry at position 13 \(entry 13\) is backdated: .* written before it, /);
    },
  );

  it("is not one that is a few minutes late", async () => {
    await twelve();
    await add("now() - interval '8 minutes'");
    expect(await verify()).toMatchObject({ code: 0, broken: "", out: expect.not.stringContaining("WARNING") });
  });

  it("is but doubtful when its id says that it was written before what it follows, as in a long transaction", async () => {
    await twelve();
    await add("now() - interval '1 hour'", "-1");
    const { code, out } = await verify();
    expect(code).toBe(0);
    expect(out).toMatch(
      /WARNING: the entry at position 13 is dated more than 10 minutes before an entry that was linked/,
    );
  });

  it("is but doubtful when it and its like waited for the notary", async () => {
    await world.owner`insert into entries (at, subject, subject_id, action, actor)
      select now() - interval '2 hours' + n * interval '1 second', 'call', 'c-1', 'late', 'test' from generate_series(1, 600) n`;
    await world.toLink(600);
    await world.seal();
    const { code, out } = await verify();
    expect([code, out]).toEqual([0, expect.stringContaining("WARNING: 344 entries, the first at position 257, are")]);
  });

  it("is not one that waited while a restore was to be accepted, and follows the head which accepts it", async () => {
    await twelve();
    await world.owner`insert into entries (at, subject, subject_id, action, actor)
      values (now() - interval '1 hour', 'call', 'c-1', 'waited', 'plan')`;
    const { head } = await acceptRestored(world.ports, [], "token:1", "moved to another server");
    world.kept.push(head);
    await world.toLink(2);
    await world.seal();
    expect(await verify()).toMatchObject({ code: 0, out: expect.not.stringMatching(/BROKEN|WARNING/) });
  });
});

describe("a database that was restored to an earlier moment", () => {
  async function wentBack(): Promise<readonly Head[]> {
    await twelve();
    const lost = [...world.kept];
    await world.owner`delete from links where position > 9`;
    await world.owner`delete from entries where id > 9`;
    await world.owner`delete from heads where position > 9`;
    return lost;
  }

  it("is not signed over: the notary links nothing and says where it stands, also when the chain has grown past it", async () => {
    await wentBack();
    await world.write("other");
    expect(await world.seal()).toMatchObject({ ok: false, problem: { kind: "behind", position: 12, found: 9 } });
    const fresh = { ...world.ports, memory: { last: () => null, store: () => {} } };
    await world.write("x1", "x2", "x3");
    await world.toLink(4);
    await extendChain(fresh, Date.now() + 5_000);
    expect(await world.seal()).toMatchObject({ ok: false, problem: { kind: "differs", position: 12, found: 13 } });
    expect(world.kept).toHaveLength(3);
  });

  it("is signed on once a person has accepted it, and the heads of what was lost are set aside because of that head", async () => {
    const lost = await wentBack();
    const { head, base } = await acceptRestored(world.ports, lost, "token:1", "the disk was lost");
    expect(base).toBe(8);
    world.kept.push(head);
    await world.write("e10 again");
    expect(await world.seal()).toMatchObject({ ok: true, linked: 2 });
    const { code, out } = await verify();
    expect([code, out]).toEqual([
      0,
      expect.stringContaining("1 head from before a restore that a person accepted was set aside"),
    ]);
    world.kept.splice(world.kept.indexOf(head), 1);
    expect((await verify()).code).toBe(1);
    const [entry] = await world.owner`select data from entries where action = 'chain_restored'`;
    expect(entry?.data).toMatchObject({ reason: "the disk was lost", base: 8, lost: { position: 12 } });
  });
});

function fail(words: string): never {
  throw new Error(words);
}
