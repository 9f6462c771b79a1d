/** The chain through the whole: the notary's object, heads, receipts, and a database that goes back. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base64url, compactVerify, createLocalJWKSet, decodeProtectedHeader } from "jose";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readJwks } from "../../../cli/audit/heads.ts";
import { rotateReceiptKeys } from "../../../cli/install/keys.ts";
import { createSigner } from "../../../src/platform/sign.ts";
import { environmentOf, runHookline } from "../../command-line.ts";
import { type Call, listenForOutcomes, number, openShop, type Shop } from "../shop.ts";

const dir = mkdtempSync(join(tmpdir(), "hookline-receipts-"));
let shop: Shop;
let owner: postgres.Sql;
let call: Call;

beforeAll(async () => {
  shop = await openShop({ mihu: { call_ms: 200 } });
  owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
  await shop.send({ name: "#8001", phone: number(801), customer: { first_name: "Zebulina" } });
  call = await shop.call("#8001", "placed");
});
afterAll(async () => {
  await owner?.end();
  await shop?.stop();
  rmSync(dir, { recursive: true });
});

const hookline = (args: string[], env: Record<string, string> = {}) =>
  runHookline(args, { ...environmentOf(shop), ...env });

type Heads = { data: { position: number; hash: string; jws: string }[]; problem: { kind: string } | null };
const heads = async (): Promise<Heads> => (await shop.api("/v1/audit/heads")).json() as Promise<Heads>;

async function receiptOf(
  id: string,
  token = shop.token,
): Promise<{ status: number; type: string | null; jws: string }> {
  const answer = await shop.api(`/v1/calls/${id}/receipt`, { headers: { authorization: `Bearer ${token}` } });
  return { status: answer.status, type: answer.headers.get("content-type"), jws: await answer.text() };
}

function file(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

const payloadOf = (jws: string) => JSON.parse(new TextDecoder().decode(base64url.decode(jws.split(".")[1] ?? "")));

describe("the notary", () => {
  test("links what is written without being asked, keeps the heads, tells the log, and sleeps when nothing is left", async () => {
    const unlinked = async () => {
      const [row] =
        await owner`select count(*)::int as n from entries e where not exists (select 1 from links l where l.entry_id = e.id)`;
      return row?.n;
    };
    await shop.until(unlinked, (n) => n === 0);
    const { data, problem } = await heads();
    const [end] = await owner`select max(position)::int as position from links`;
    expect([data.at(-1)?.position, problem]).toEqual([end?.position, null]);
    expect(shop.worker.logs()).toContain('"message":"audit head"');
    const { code, text } = await hookline(["verify-audit"]);
    expect([code, text]).toEqual([0, expect.stringContaining("the chain holds")]);
    // The notary has closed its connection, because an open connection would keep the object in memory.
    await shop.until(
      async () =>
        (
          await owner`select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name = 'hookline'`
        )[0]?.n,
      (n) => n === 0,
    );
  });

  test("continues where it was after it was killed", async () => {
    const before = (await heads()).data.at(-1)?.position ?? 0;
    await shop.worker.restart();
    await shop.send({ name: "#8002", phone: number(802) });
    await shop.call("#8002", "placed");
    await shop.until(heads, ({ data }) => (data.at(-1)?.position ?? 0) > before);
    expect((await hookline(["verify-audit"])).code).toBe(0);
  });
});

describe("a receipt", () => {
  test("is signed for whoever has the public keys, and verified offline, with or without what is personal", async () => {
    const jwks = readJwks(await (await fetch(`${shop.url}/.well-known/jwks.json`)).json());
    expect(JSON.stringify(jwks)).not.toContain('"d"');
    const keys = file("jwks.json", JSON.stringify(jwks));
    const whole = await receiptOf(call.id);
    expect([whole.status, whole.type]).toEqual([200, "application/jose"]);
    const { protectedHeader } = await compactVerify(whole.jws, createLocalJWKSet(jwks));
    expect(protectedHeader).toMatchObject({ alg: "ES256", typ: "hookline-receipt+jws" });
    const good = await hookline(["verify-receipt", file("whole.jws", `${whole.jws}\n`), "--jwks", keys], {
      HOOKLINE_URL: "",
    });
    expect(good).toMatchObject({ code: 0 });
    for (const words of [call.id, "order number #8001", "queued", "placed", "committed to when it was made"])
      expect(good.text).toContain(words);

    const blind = await receiptOf(call.id, await shop.tokenFor(["calls:read"]));
    const said = JSON.stringify(payloadOf(blind.jws));
    for (const personal of [number(801).slice(2), "Zebulina", "Michael", "salt"]) expect(said).not.toContain(personal);
    expect(JSON.stringify(payloadOf(whole.jws))).toContain("Zebulina");
    expect((await hookline(["verify-receipt", file("blind.jws", blind.jws), "--jwks", keys])).code).toBe(0);
  });

  test("of a call whose entries are minutes or milliseconds old is the same: what is not linked yet is linked for it", async () => {
    const eventId = (await shop.send({ name: "#8003", phone: number(803) })).eventId;
    const [fresh] = await shop.until(
      () => owner<{ id: string }[]>`select id from calls where event_id = ${eventId}`,
      (rows) => rows.length === 1,
    );
    const { status, jws } = await receiptOf(fresh?.id ?? "");
    expect(status).toBe(200);
    const entries = payloadOf(jws).pieces.flatMap((piece: { entries: unknown[] }) => piece.entries);
    expect(entries.filter((entry: unknown) => typeof entry === "object").length).toBeGreaterThan(0);
  });

  test("waits but a moment for a transaction that holds the chain up: then the answer says when to come back", async () => {
    await owner.begin(async (sql) => {
      await sql`select pg_current_xact_id()`;
      const answer = await shop.api("/v1/calls", {
        method: "POST",
        json: { line: "support-en", number: number(804), about: "x" },
      });
      const { id } = (await answer.json()) as Call;
      const refused = await shop.api(`/v1/calls/${id}/receipt`);
      expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "2"]);
    });
  });

  test.each<[string, (claims: Claims) => void, RegExp]>([
    [
      "an entry says something else",
      (said) => void Object.assign(firstEntry(said), { actor: "plan 2" }),
      /do not lead to the head/,
    ],
    [
      "an entry's data is another",
      (said) => void Object.assign(firstEntry(said), { data: "{}" }),
      /other data than was hashed/,
    ],
    ["an entry is left out", (said) => void said.pieces[0]?.entries.shift(), /do not lead to the head/],
    [
      "the texts are others",
      (said) => void Object.assign(said.content, { about: "something else" }),
      /not those that the call's entries commit to/,
    ],
    [
      "the call is in a status that no entry led to",
      (said) => void Object.assign(said.call, { status: "ended" }),
      /says that the call is ended, and none of its entries led to that/,
    ],
    [
      "it is about another call",
      (said) => void Object.assign(said.call, { id: "another", event_id: "another" }),
      /about something else/,
    ],
    [
      "a head is no head",
      (said) => void Object.assign(said.pieces[0] ?? {}, { head: "e30.e30.e30" }),
      /signature is not valid/,
    ],
  ])("in which %s is refused, even when it is signed with the service's own key", async (_, change, sentence) => {
    const claims = payloadOf((await receiptOf(call.id)).jws);
    change(claims);
    const { jws } = await createSigner(shop.keys.RECEIPT_KEYS).sign("hookline-receipt+jws", claims);
    const { code, text } = await hookline(["verify-receipt", file("changed.jws", jws)]);
    expect([code, text]).toEqual([1, expect.stringMatching(sentence)]);
  });

  test("says when there are more entries than it holds, and holds none of who read the call", async () => {
    const add = (action: string, times: number) => owner`insert into entries (subject, subject_id, action, actor)
      select 'call', ${call.id}, ${action}, 'test' from generate_series(1, ${times})`;
    await add("read", 700);
    const read = await hookline(["verify-receipt", file("read.jws", (await receiptOf(call.id)).jws)]);
    expect([read.code, read.text]).toEqual([0, expect.not.stringMatching(/ read |there are others/)]);
    await add("report_added", 700);
    const { jws } = await receiptOf(call.id);
    expect(payloadOf(jws).more).toBe(true);
    const { code, text } = await hookline(["verify-receipt", file("more.jws", jws)]);
    expect([code, text]).toEqual([0, expect.stringContaining("there are others that are not in it")]);
    expect(text).toContain("committed to when it was made");
  });

  test("that is forged, changed, or no receipt at all is refused", async () => {
    const { jws } = await receiptOf(call.id);
    const [head = "", payload = "", signature = ""] = jws.split(".");
    const other = base64url.encode(JSON.stringify({ ...payloadOf(jws), at: "2020-01-01T00:00:00.000Z" }));
    for (const forged of [
      `${head}.${other}.${signature}`,
      `${base64url.encode('{"alg":"none"}')}.${payload}.`,
      "nonsense",
      (await heads()).data[0]?.jws ?? "",
    ])
      expect((await hookline(["verify-receipt", file("forged.jws", forged)])).code).toBe(1);
  });

  test("and the chain stay verifiable after the key was rotated", async () => {
    const { jws } = await receiptOf(call.id);
    const rotated = rotateReceiptKeys(shop.keys.RECEIPT_KEYS);
    const signer = createSigner(rotated);
    expect(JSON.stringify(rotated.slice(1))).not.toContain('"d"');
    const keys = file("rotated.json", JSON.stringify(signer.jwks));
    expect((await hookline(["verify-receipt", file("old.jws", jws), "--jwks", keys])).code).toBe(0);
    const renewed = await signer.sign("hookline-receipt+jws", payloadOf(jws));
    expect(decodeProtectedHeader(renewed.jws).kid).not.toBe(decodeProtectedHeader(jws).kid);
    expect((await hookline(["verify-receipt", file("new.jws", renewed.jws), "--jwks", keys])).code).toBe(0);
    expect((await hookline(["verify-audit", "--jwks", keys])).code).toBe(0);
  });
});

test("Erasing a person leaves the chain and the call's receipts verifiable: those of before with what was said, later ones without.", async () => {
  await listenForOutcomes(shop);
  await shop.send({ name: "#8006", phone: number(806), customer: { first_name: "Zebulina" } });
  const ended = await shop.call("#8006", "ended");
  const before = await receiptOf(ended.id);
  const erased = await shop.api("/v1/erasures", { method: "POST", json: { number: number(806), reason: "asked" } });
  expect(await erased.json()).toMatchObject({ erased: { calls: 1 } });
  const after = await receiptOf(ended.id);
  expect(after.status).toBe(200);
  expect(payloadOf(after.jws).content).toBeUndefined();
  expect(JSON.stringify(payloadOf(after.jws))).not.toContain("Zebulina");
  for (const [name, { jws }] of Object.entries({ before, after })) {
    const { code, text } = await hookline(["verify-receipt", file(`${name}.jws`, jws)]);
    expect([name, code, text.includes("committed to when it was made")]).toEqual([name, 0, name === "before"]);
  }
  expect((await hookline(["verify-audit"])).code).toBe(0);
});

test("A database that went back is not signed over: it is told loudly, until an admin says that it was restored.", async () => {
  // The backup is older by two entries that changed no call, so that rows and entries are of one moment.
  const before = (await heads()).data.at(-1)?.position ?? 0;
  await owner`insert into entries (subject, subject_id, action, actor)
    select 'call', ${call.id}, 'read', 'test' from generate_series(1, 3)`;
  await shop.worker.scheduled();
  await shop.until(heads, (now) => (now.data.at(-1)?.position ?? 0) >= before + 3);
  const { data } = await heads();
  const last = data.at(-1)?.position ?? 0;
  await owner`delete from links where position > ${last - 2}`;
  await owner`delete from heads where position > ${last - 2}`;
  await owner`delete from entries e where not exists (select 1 from links l where l.entry_id = e.id)`;
  await shop.worker.scheduled();
  const told = async () => JSON.parse(await (await shop.api("/readyz")).text());
  await shop.until(told, ({ problems }) => problems?.some(({ code }: { code: string }) => code === "chain_behind"));
  expect((await heads()).problem).toMatchObject({ kind: "behind", position: last });
  expect((await heads()).data.at(-1)?.position).toBe(last);
  expect((await receiptOf(call.id)).status).toBe(200);
  const fresh = await shop.api("/v1/calls", {
    method: "POST",
    json: { line: "support-en", number: number(805), about: "x" },
  });
  expect((await receiptOf(((await fresh.json()) as Call).id)).status).toBe(503);
  expect((await hookline(["verify-audit"])).text).toContain("the tail was cut");
  expect((await hookline(["doctor"])).text).toContain("is not the one that was signed");

  const accept = () =>
    shop.api("/v1/audit/restored", { method: "POST", json: { reason: "restored from the backup of last night" } });
  const accepted = await accept();
  expect([accepted.status, await accepted.json()]).toEqual([
    200,
    { kept: expect.any(Number), dropped: expect.any(Number) },
  ]);
  expect((await accept()).status).toBe(409);
  expect((await told()).problems.map(({ code }: { code: string }) => code)).not.toContain("chain_behind");
  const { code, text } = await hookline(["verify-audit"]);
  expect([code, text]).toEqual([0, expect.stringContaining("set aside")]);
});

type Claims = { call: object; content: object; pieces: { entries: unknown[]; head: string }[] };

function firstEntry(said: Claims): object {
  const entry = said.pieces.flatMap(({ entries }) => entries).find((one) => typeof one === "object" && one !== null);
  if (typeof entry !== "object" || entry === null) throw new Error("the receipt has no entry");
  return entry;
}
