import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callStatuses } from "../../../src/domain/calls/call.ts";
import { placedCalls } from "../world/placed.ts";
import { draft, newEvent, planOf, type World, world } from "../world/world.ts";

let w: World;
let app: postgres.Sql;
beforeAll(async () => {
  w = await world("line-a");
  app = postgres(w.url, { max: 1, onnotice: () => {} });
  await placedCalls(w, "line-a", 1);
});
afterAll(async () => {
  await app.end();
  await w.close();
});

describe("the app's role", () => {
  test.each([
    "update entries set action = 'nothing'",
    "update entries set at = at where false",
    "delete from entries",
    "delete from entries where false",
    "truncate entries",
    "select * from entries for update",
    "alter table entries disable trigger all",
    "drop table entries",
    "insert into entries (id, subject, subject_id, action, actor) overriding system value values (1, 'x', 'x', 'x', 'x') on conflict (id) do update set action = 'x'",
    "insert into entries (at, subject, subject_id, action, actor) values (now() - interval '1 day', 'x', 'x', 'x', 'x')",
    "insert into entries (tx, subject, subject_id, action, actor) values ('5', 'x', 'x', 'x', 'x')",
    "insert into entries (id, subject, subject_id, action, actor) overriding system value values (-1, 'x', 'x', 'x', 'x')",
    "insert into entries (subject, subject_id, action, actor, at) select subject, subject_id, action, actor, at from entries",
    "update verdicts set verdict = 'pass'",
    "delete from verdicts",
    "truncate verdicts",
    "update links set hash = hash",
    "delete from links",
    "truncate links",
    "select * from links for update",
    "update heads set hash = hash",
    "delete from heads",
    "truncate heads",
    "insert into links select * from links on conflict (position) do update set hash = excluded.hash",
    "alter table links disable trigger all",
    "drop table heads",
    "delete from events",
    "delete from calls",
    "truncate calls cascade",
    "delete from rules",
    "delete from sources",
    "delete from tokens",
    "update rejections set code = 'x'",
    "create table mine (id int)",
    "create role mine",
    "delete from drizzle.__drizzle_migrations",
    "alter sequence entries_id_seq restart",
    "select setval('entries_id_seq', 1)",
    "copy entries to program 'true'",
  ])("may not: %s", async (statement) => {
    const before = await w.owner`select count(*)::int as n from entries`;
    await expect(app.unsafe(statement)).rejects.toMatchObject({ code: "42501" });
    expect(await w.owner`select count(*)::int as n from entries`).toEqual(before);
  });

  test("may write an entry and read all of them", async () => {
    await app`insert into entries (subject, subject_id, action, actor) values ('line', 'line-a', 'looked_at', 'test')`;
    const rows = await app`select action from entries where subject_id = 'line-a'`;
    expect(rows.map(({ action }) => action)).toContain("looked_at");
  });

  test("has no right on what is sealed but to read it and to add to it, of a table or of a column", async () => {
    const rights = await w.owner`select table_name, privilege_type from information_schema.role_table_grants
      where grantee = 'hookline_app' and table_name in ('entries', 'verdicts', 'links', 'heads')
      union select table_name, privilege_type from information_schema.role_column_grants
      where grantee = 'hookline_app' and table_name in ('entries', 'verdicts', 'links', 'heads')`;
    expect(rights.map(({ table_name, privilege_type }) => `${privilege_type} ${table_name}`).sort()).toEqual(
      ["entries", "heads", "links", "verdicts"].flatMap((table) => [`INSERT ${table}`, `SELECT ${table}`]).sort(),
    );
  });

  test("owns nothing and is no superuser", async () => {
    const [role] = await app`select rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication
      from pg_roles where rolname = current_user`;
    expect(Object.values(role ?? {})).toEqual([false, false, false, false, false]);
    expect(await app`select 1 from pg_class where relowner = current_user::regrole`).toEqual([]);
  });
});

describe("Postgres refuses", () => {
  /** A queued call of an event of its own, to be spoilt in one way. */
  async function queued(): Promise<string> {
    const event = await newEvent();
    await w.events.accept("shop", [event]);
    await w.events.plan([planOf(event, draft())]);
    const [row] = await w.owner`select id from calls where event_id = ${event.id}`;
    return row?.id;
  }

  test.each([
    ["a status that there is not", "status = 'ringing'"],
    [
      "an outcome that there is not",
      "status = 'ended', ended_at = now(), placed_at = now(), mihu_id = 'x', outcome = 'lucky'",
    ],
    ["an end without an outcome", "status = 'ended', ended_at = now(), placed_at = now(), mihu_id = 'x'"],
    ["an end without its time", "status = 'ended', outcome = 'busy', placed_at = now(), mihu_id = 'x'"],
    ["an outcome before the end", "outcome = 'busy'"],
    ["an end's time before the end", "ended_at = now()"],
    ["a call that ended and was never placed", "status = 'ended', outcome = 'busy', ended_at = now()"],
    ["a skipped call without a reason", "status = 'skipped'"],
    ["a held call without a reason", "status = 'held'"],
    ["an unknown call without a reason", "status = 'unknown'"],
    ["a call in review without a reason", "status = 'review'"],
    ["a rejected call without a reason", "status = 'rejected'"],
    ["an expired call without a reason", "status = 'expired'"],
    ["a canceled call without a reason", "status = 'canceled'"],
    ["a queued call without a line", "line = null"],
    ["a queued call without a number", "number = null"],
    ["a queued call without a word to say", "about = null"],
    ["a queued call that is never due", "due_at = null"],
    ["a number without its plus", "number = '14155550100'"],
    ["a number that begins with zero", "number = '+04155550100'"],
    ["a number that is too long", "number = '+1415555010012345'"],
    ["a number with a line feed", "number = E'+14155550100\\n'"],
    ["a dialing call without a lease", "status = 'dialing', claim_seq = 1"],
    ["a dialing call without its claim", "status = 'dialing', lease_until = now()"],
    ["a placed call without its time", "status = 'placed', mihu_id = 'x'"],
    ["a placed call that Mihu gave no id", "status = 'placed', placed_at = now()"],
    ["an erased call that keeps its number", "status = 'canceled', reason = 'x', erased_at = now()"],
    ["a first try that names another call", "again_of = gen_random_uuid()"],
    ["a second try that names none", "try = 2"],
    ["a try before the first", "try = 0"],
  ])("%s", async (_, change) => {
    const id = await queued();
    await expect(w.owner.unsafe(`update calls set ${change} where id = '${id}'`)).rejects.toMatchObject({
      code: "23514",
    });
  });

  test.each([
    ["an event in a state that there is not", "update events set state = 'lost'"],
    ["an ignored event without a reason", "update events set state = 'ignored', reason = null, planned_at = now()"],
    [
      "a planned event with a reason for no call",
      "update events set state = 'planned', reason = 'x', planned_at = now()",
    ],
    ["a planned event without its time", "update events set state = 'planned', reason = null, planned_at = null"],
    ["an unplanned event with a time", "update events set state = 'unplanned', reason = null, planned_at = now()"],
    [
      "an event that is erased but for its body",
      "update events set erased_at = now(), body_hash = '', body_key = null, external_id = null, detail = null where body <> '{}'",
    ],
    ["a line without pace", "update lines set calls_per_minute = 0"],
    ["a line that calls nobody at once", "update lines set calls_at_once = 0"],
    ["a line with less than no calls a day", "update lines set calls_per_day = -1"],
    ["a line that is paused without a reason", "update lines set paused_at = now()"],
    ["a line with a reason and no pause", "update lines set pause_reason = 'forbidden'"],
    [
      "a verdict that there is not",
      "insert into verdicts (call_id, gate, verdict, inputs) select id, 'x', 'maybe', '{}' from calls limit 1",
    ],
  ])("%s", async (_, statement) => {
    await expect(w.owner.unsafe(statement)).rejects.toMatchObject({ code: "23514" });
  });

  test.each([
    [
      "two events with one key of one source",
      "insert into events (id, source, dedupe_key, type, headers, body, body_hash) select gen_random_uuid(), source, dedupe_key, type, headers, body, body_hash from events limit 1",
    ],
    [
      "two calls of one event, rule and try",
      "insert into calls (event_id, source, rule, rule_version, mode, status, reason) select event_id, source, rule, rule_version, mode, 'skipped', 'x' from calls limit 1",
    ],
    [
      "two calls to one number in flight",
      "insert into calls (event_id, source, rule, rule_version, mode, line, status, reason, number, about, due_at) select event_id, source, rule || n, rule_version, mode, line, 'unknown', 'x', '+14155550123', 'x', now() from calls, generate_series(1, 2) n where try = 1 limit 2",
    ],
  ])("%s", async (_, statement) => {
    await expect(w.owner.unsafe(statement)).rejects.toMatchObject({ code: "23505" });
  });

  test("no status that the domain knows", async () => {
    const [row] =
      await w.owner`select pg_get_constraintdef(oid) as definition from pg_constraint where conname = 'calls_status'`;
    const known = [...String(row?.definition).matchAll(/'(\w+)'::text/g)].map(([, status]) => status);
    expect(known.sort()).toEqual([...callStatuses].sort());
  });
});
