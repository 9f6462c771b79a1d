/** Rows and entries that the owner of the database changed: `verify-audit`, the sweep with `/readyz`, and the receipt all name them. */
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { environmentOf, runHookline } from "../../command-line.ts";
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
  // The owner removes what would stop them: rows that refer to a call, and rows that a call refers to.
  const keys = await owner`select conrelid::regclass::text as held, quote_ident(conname) as name from pg_constraint
    where contype = 'f' and 'calls'::regclass in (confrelid, conrelid)`;
  for (const { held, name } of keys) await owner.unsafe(`alter table ${held} drop constraint ${name}`);
});
afterAll(async () => {
  await owner?.end();
  await shop?.stop();
});

const verifyAudit = () => runHookline(["verify-audit"], environmentOf(shop));

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
  expect(text).not.toContain("not proven");
  expect(await swept()).toEqual([]);
  expect(await receipt()).toBe(200);
});

/** Every column that is compared, with a value that its check constraints allow. */
const compared: Readonly<Record<string, string>> = {
  id: "gen_random_uuid()",
  event_id: "gen_random_uuid()",
  source: "'another'",
  rule: "'another'",
  rule_version: "rule_version + 1",
  try: "2, again_of = gen_random_uuid()",
  again_of: "gen_random_uuid(), try = 2",
  again_reason: "'asked for'",
  mode: "'shadow'",
  line: "'another'",
  status: "'expired', outcome = null, ended_at = null, reason = 'expired'",
  reason: "'mihu_refused'",
  detail: `'{"read_as": "another"}'`,
  order_number: "'#9002'",
  order_number_key: "'9002'",
  record_type: "'another'",
  record_id: "'another'",
  number: "'+14155550999'",
  country: "'GB'",
  about: "about || ' '",
  prompt: "'Sell them something.'",
  prompt_overwrite: "not prompt_overwrite",
  greeting: "'Hi'",
  salt: "'x'",
  zones: "array['Asia/Dhaka']",
  created_at: "created_at - interval '1 day'",
  due_at: "due_at + interval '1 hour'",
  expires_at: "'2031-01-01'",
  claimed_at: "claimed_at - interval '1 hour'",
  placed_at: "placed_at - interval '1 second'",
  ended_at: "ended_at + interval '1 second'",
  outcome: "'no_answer'",
  outcome_raw: "'other'",
  duration_s: "coalesce(duration_s, 0) + 1",
  summary: "'They agreed to everything.'",
  recording_url: "'https://mihu.example/another'",
  conversation_uuid: "'6e0c5ba5-0000-4000-8000-000000000000'",
  contact_uuid: "'another'",
  mihu_id: "'another'",
  listen_url: "'wss://mihu.example/another'",
  record_url: "'https://mihu.example/another'",
  again_stopped: "'withdrawn'",
  erased_at: [
    "now(), number = null, about = null, prompt = null, greeting = null, salt = null, summary = null",
    "recording_url = null, record_url = null, listen_url = null, contact_uuid = null, detail = null",
  ].join(", "),
};

/** Columns for the work itself, and `content`, a copy of what an entry commits to, which nothing reads but the making of a further try. */
const work = [
  ...["content", "claim_seq", "claimed_by", "lease_until", "slot_until", "closes_at", "poll_at", "polls"],
  "released_at",
];

/** An owner's tampering with the verdicts of a call. */
const ofVerdicts: [string, string][] = [
  ["changed", "update verdicts set verdict = 'stop' where call_id = $1 and gate = 'pace'"],
  ["given other inputs", `update verdicts set inputs = '{"home": true}' where call_id = $1 and gate = 'dial'`],
  ["dated back", "update verdicts set at = at - interval '1 hour' where call_id = $1 and gate = 'hours'"],
  ["removed", "delete from verdicts where call_id = $1 and gate = 'suppression'"],
  ["inserted", "insert into verdicts (call_id, gate, verdict, inputs) values ($1, 'consent', 'pass', '{}')"],
];

test("Every column of a call is compared, or is one for the work itself.", async () => {
  const rows = await owner`select column_name as name from information_schema.columns where table_name = 'calls'`;
  expect(rows.map(({ name }) => name).sort()).toEqual([...Object.keys(compared), ...work].sort());
});

describe("A call whose", () => {
  test.each(Object.entries(compared))(
    "%s was changed is named by verify-audit, and has no receipt",
    async (column, value) => {
      const [before] = await owner`select to_jsonb(c)::text as row from calls c where id = ${call.id}`;
      const [now] = await owner.unsafe(
        `update calls set ${column} = ${value} where id = '${call.id}' returning id, ${column} as value`,
      );
      expect(now?.value).not.toEqual(JSON.parse(String(before?.row))[column]);
      try {
        const { code, text } = await verifyAudit();
        expect(code).toBe(1);
        if (column === "id") expect(text).toContain(`REMOVED: call ${call.id}`);
        else expect(text).toMatch(new RegExp(`CHANGED: call ${call.id} .*entries say: .*\\b${column}\\b`));
        expect(await receipt()).toBe(column === "id" ? 404 : 409);
      } finally {
        await owner`delete from calls where id = ${now?.id ?? ""}`;
        await insert(String(before?.row));
      }
      expect((await verifyAudit()).code).toBe(0);
    },
  );

  test.each(ofVerdicts)("verdict was %s is named by verify-audit, and has no receipt", async (_, change) => {
    const before = await owner`select to_jsonb(v)::text as row from verdicts v where call_id = ${call.id}`;
    expect((await owner.unsafe(change, [call.id])).count).toBe(1);
    const { text } = await verifyAudit();
    expect(text).toMatch(new RegExp(`CHANGED: call ${call.id} .*entries say: verdicts`));
    expect(await receipt()).toBe(409);
    await owner`delete from verdicts where call_id = ${call.id}`;
    for (const { row } of before)
      await owner`insert into verdicts overriding system value select * from jsonb_populate_record(null::verdicts, ${row}::text::jsonb)`;
    expect((await verifyAudit()).code).toBe(0);
  });

  test.each(["summary", "detail", "listen_url", "again_stopped"])(
    "%s was changed is named by the sweep",
    async (column) => {
      const [before] = await owner`select to_jsonb(c)::text as row from calls c where id = ${call.id}`;
      await owner.unsafe(`update calls set ${column} = ${compared[column]} where id = '${call.id}'`);
      expect(await swept()).toMatchObject([{ code: "call_differs", rows: [call.id] }]);
      await restore(String(before?.row));
      expect(await swept()).toEqual([]);
    },
  );

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
    // The added entry looks like a later dial: a claim follows the end of the call.
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
