/** Rows and entries that the owner of the database changed: `verify-audit`, the sweep with `/readyz`, and the receipt all name them. */
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { main } from "../../../cli/main.ts";
import { type Call, listenForOutcomes, number, openShop, type Shop } from "../shop.ts";

let shop: Shop;
let owner: postgres.Sql;
let call: Call;

beforeAll(async () => {
  shop = await openShop({ mihu: { call_ms: 200 } });
  owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
  await listenForOutcomes(shop);
  await shop.send({ name: "#9001", phone: number(901), customer: { first_name: 'Zoë "Z" \u0001\\ 😀' } });
  call = await shop.call("#9001", "ended");
  // The owner removes what would stop them: no row may refer to a call that goes.
  const keys = await owner`select conrelid::regclass::text as held, quote_ident(conname) as name from pg_constraint
    where contype = 'f' and confrelid = 'calls'::regclass`;
  for (const { held, name } of keys) await owner.unsafe(`alter table ${held} drop constraint ${name}`);
});
afterAll(async () => {
  await owner?.end();
  await shop?.stop();
});

async function verifyAudit() {
  const lines: string[] = [];
  const say = (text: string) => void lines.push(text);
  const env = { HOOKLINE_URL: shop.url, HOOKLINE_TOKEN: shop.token, DATABASE_URL: shop.ownerUrl };
  return { code: await main(["verify-audit"], { env, out: say, say }), text: lines.join("\n") };
}

type Problem = { code: string; rows: string[] };
const proofs = [
  "call_differs",
  "call_gone",
  "call_without_entry",
  "event_without_call",
  "entry_changed",
  "entry_removed",
];

/** The findings after a sweep. */
async function swept(): Promise<Problem[]> {
  const before = await marks();
  await shop.worker.scheduled();
  await shop.until(marks, (now) => now !== before);
  const said = JSON.parse(await (await shop.api("/readyz")).text()) as { problems?: Problem[] };
  return (said.problems ?? []).filter(({ code }) => proofs.includes(code));
}
const marks = async () => {
  const [row] = await owner`select at::text as at from sweeps`;
  await new Promise<void>((done) => setImmediate(done));
  return String(row?.at);
};
const receipt = async () => (await shop.api(`/v1/calls/${call.id}/receipt`)).status;

test("A row that is as its entries say disagrees with nothing, whatever its texts hold.", async () => {
  const { code, text } = await verifyAudit();
  expect([code, text]).toEqual([0, expect.stringMatching(/calls compared with their entries, 0 differ/)]);
  expect(text).not.toContain("not provable");
  expect(await swept()).toEqual([]);
  expect(await receipt()).toBe(200);
});

const columns: [string, string, string][] = [
  ["outcome", "'no_answer'", "outcome"],
  ["outcome_raw", "'other'", "outcome_raw"],
  ["duration_s", "coalesce(duration_s, 0) + 1", "duration_s"],
  ["status", "'expired', outcome = null, ended_at = null, reason = 'expired'", "status"],
  ["reason", "'mihu_refused'", "reason"],
  ["created_at", "created_at - interval '1 day'", "created_at"],
  ["due_at", "due_at + interval '1 hour'", "due_at"],
  ["expires_at", "'2031-01-01'", "expires_at"],
  ["claimed_at", "claimed_at - interval '1 hour'", "claimed_at"],
  ["placed_at", "placed_at - interval '1 second'", "placed_at"],
  ["ended_at", "ended_at + interval '1 second'", "ended_at"],
  ["conversation_uuid", "'6e0c5ba5-0000-4000-8000-000000000000'", "conversation_uuid"],
  ["mihu_id", "'another'", "mihu_id"],
  ["number", "'+14155550999'", "number or texts"],
  ["about", "about || ' '", "number or texts"],
  ["prompt", "'Sell them something.'", "number or texts"],
  ["greeting", "'Hi'", "number or texts"],
  ["salt", "'x'", "number or texts"],
  ["order_number", "'#9002'", "facts"],
  ["record_id", "'another'", "facts"],
  ["mode", "'shadow'", "facts"],
  ["rule", "'another'", "facts"],
  ["source", "'another'", "facts"],
  ["country", "'GB'", "facts"],
];

describe("A call whose", () => {
  test.each(columns)("%s was changed is named by verify-audit, and has no receipt", async (column, value, named) => {
    const [before] = await owner`select to_jsonb(c)::text as row from calls c where id = ${call.id}`;
    await owner.unsafe(`update calls set ${column} = ${value} where id = '${call.id}'`);
    try {
      const { code, text } = await verifyAudit();
      expect(code).toBe(1);
      expect(text).toContain(`CHANGED: call ${call.id}`);
      expect(text).toMatch(new RegExp(`entries say: .*${named}`));
      expect(await receipt()).toBe(409);
    } finally {
      await restore(String(before?.row));
    }
    expect((await verifyAudit()).code).toBe(0);
  });

  test("outcome was changed is named by the sweep in /readyz, until it is right again", async () => {
    const [before] = await owner`select to_jsonb(c)::text as row from calls c where id = ${call.id}`;
    await owner`update calls set outcome = 'no_answer' where id = ${call.id}`;
    expect(await swept()).toMatchObject([{ code: "call_differs", rows: [call.id] }]);
    await restore(String(before?.row));
    expect(await swept()).toEqual([]);
  });

  test("row was removed is named by both", async () => {
    const [before] = await owner`select to_jsonb(c)::text as row from calls c where id = ${call.id}`;
    await owner`delete from calls where id = ${call.id}`;
    expect((await verifyAudit()).text).toContain(`REMOVED: call ${call.id}`);
    expect(await swept()).toContainEqual(expect.objectContaining({ code: "call_gone", rows: [call.id] }));
    await insert(String(before?.row));
    expect(await swept()).toEqual([]);
  });

  test("row was inserted is named by both", async () => {
    const [made] = await owner<{ id: string }[]>`
      insert into calls (event_id, source, rule, rule_version, try, again_of, mode, status, reason)
      select event_id, source, rule, rule_version, 9, id, mode, 'skipped', 'suppressed' from calls where id = ${call.id}
      returning id`;
    expect((await verifyAudit()).text).toContain(
      `CHANGED: call ${made?.id} does not show what its entries say: entries`,
    );
    expect(await swept()).toContainEqual(expect.objectContaining({ code: "call_differs", rows: [made?.id] }));
    await owner`delete from calls where id = ${made?.id ?? ""}`;
    expect(await swept()).toEqual([]);
  });

  test("status was set back to be rung again is named, whatever its entries say then", async () => {
    // As if it had been dialled since: a claim follows the end.
    await owner`insert into entries (subject, subject_id, action, actor, data)
      values ('call', ${call.id}, 'dialing', 'line:x', '{"row": {}}')`;
    expect((await verifyAudit()).text).toContain("moves (ended → dialing)");
    await owner`delete from links where entry_id in (select max(id) from entries)`;
    await owner`delete from entries where subject_id = ${call.id} and action = 'dialing' and actor = 'line:x'`;
  });
});

describe("An entry that was", () => {
  test("changed is named by the sweep, and the call with it", async () => {
    const [entry] = await owner<{ id: number; position: number; data: string }[]>`
      select e.id::int, l.position::int, e.data::text from entries e join links l on l.entry_id = e.id
      where subject_id = ${call.id} and action = 'ended'`;
    await owner`update entries set data = jsonb_set(data, '{row,outcome}', '"busy"') where id = ${entry?.id ?? 0}`;
    expect(await swept()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: "entry_changed", rows: [String(entry?.position)] }),
        expect.objectContaining({ code: "call_differs", rows: [call.id] }),
      ]),
    );
    expect((await verifyAudit()).text).toMatch(/BROKEN: .*was changed/);
    await owner`update entries set data = ${entry?.data ?? ""}::text::jsonb where id = ${entry?.id ?? 0}`;
    expect(await swept()).toEqual([]);
  });

  test("removed is named by the sweep", async () => {
    const [entry] = await owner<{ id: number; position: number }[]>`
      select e.id::int, l.position::int from entries e join links l on l.entry_id = e.id
      where subject_id = ${call.id} and action = 'placed'`;
    await owner`delete from entries where id = ${entry?.id ?? 0}`;
    expect(await swept()).toContainEqual(
      expect.objectContaining({ code: "entry_removed", rows: [String(entry?.position)] }),
    );
    expect((await verifyAudit()).text).toContain("was removed");
  });
});

async function restore(row: string): Promise<void> {
  await owner`delete from calls where id = ${call.id}`;
  await insert(row);
}

async function insert(row: string): Promise<void> {
  await owner`insert into calls select * from jsonb_populate_record(null::calls, ${row}::text::jsonb)`;
}
