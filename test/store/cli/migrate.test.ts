/** `hookline migrate` beside a service that works: other connections hold transactions open, and write meanwhile. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { appUrl, migrate } from "../../../cli/install/run-migrations.ts";
import { root } from "../../../cli/local/paths.ts";
import { freshDatabase } from "../../../dev/stack/postgres.ts";
import { healthLookups } from "../../../src/store/lookups/readiness.ts";
import { migrationsUntil } from "../../chaos/deploys/former.ts";

/** The names of all migrations, in their order. */
const all = readMigrations();
let dir: string;
let ownerUrl: string;
let sql: postgres.Sql;
let said: string[];
const log = (line: string) => void said.push(line);

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "hookline-migrate-"));
  said = [];
  const cluster = inject("cluster");
  const url = new URL(cluster.templateUrl);
  url.pathname = `/${await freshDatabase(cluster)}`;
  ownerUrl = url.href;
  sql = postgres(ownerUrl, { max: 4, onnotice: () => {} });
});
afterEach(async () => {
  await sql.end({ timeout: 1 });
  rmSync(dir, { recursive: true });
});

function readMigrations(): string[] {
  const journal = JSON.parse(readFileSync(join(root, "migrations", "meta", "_journal.json"), "utf8"));
  return journal.entries.map(({ tag }: { tag: string }) => tag);
}

/** A transaction that has written calls and is not over: what every statement of the service is for a moment. */
async function writing() {
  const open = await sql.reserve();
  await open`begin`;
  await open`update calls set due_at = due_at`;
  return {
    async end() {
      await open`commit`;
      open.release();
    },
  };
}

/** Another writer, who waits at most as long as an inbox does before it spills. */
const write = () =>
  sql.begin(async (tx) => {
    await tx`set local lock_timeout = '1s'`;
    await tx`update calls set due_at = due_at`;
    return "written";
  });

/** The migration's connection, once it waits for a lock. */
async function waiting(): Promise<number> {
  for (;;) {
    const [row] = await sql<{ pid: number }[]>`
      select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
        and wait_event_type = 'Lock' and query ~* '(index|alter table|lock)'`;
    if (row !== undefined) return row.pid;
  }
}

const index = async (name: string) =>
  (
    await sql<{ valid: boolean; definition: string }[]>`
      select indisvalid as valid, pg_get_indexdef(indexrelid) as definition
      from pg_index where indexrelid = to_regclass(${name})`
  )[0];
const ran = async () => (await sql`select id from drizzle.__drizzle_migrations`).length;
const until = (last: string) => migrate(ownerUrl, { folder: migrationsUntil(last, join(dir, last)) });

/** All migrations, and one more after them. */
function withOneMore(text: string): string {
  const folder = migrationsUntil(all.at(-1) ?? "", join(dir, "more"));
  writeFileSync(join(folder, "9999_more.sql"), text);
  const file = join(folder, "meta", "_journal.json");
  const journal = JSON.parse(readFileSync(file, "utf8")) as { entries: object[] };
  journal.entries.push({ idx: 9_999, version: "7", when: 9_999_999_999_999, tag: "9999_more", breakpoints: true });
  writeFileSync(file, JSON.stringify(journal));
  return folder;
}

test("While an index of calls is built, others write calls.", async () => {
  await until("0015_app_role_may_stop_calls_in_parts");
  const open = await writing();
  const migrated = migrate(ownerUrl, { log });
  await waiting();
  expect(await write()).toBe("written");
  expect(await index("calls_by_turn")).toMatchObject({ valid: false });
  await open.end();
  await migrated;
  expect(await index("calls_by_turn")).toMatchObject({ valid: true });
  expect(await index("calls_in_turn")).toBeUndefined();
  expect(said.join("\n")).toMatch(/builds the index calls_by_turn of calls .*\n.*drops the index calls_in_turn/);
});

test("While an old index is dropped, others write calls.", async () => {
  await until("0015_app_role_may_stop_calls_in_parts");
  await sql`create index calls_by_turn on calls (line, source, due_at, created_at, id) where status = 'queued'`;
  const open = await writing();
  const migrated = migrate(ownerUrl);
  await waiting();
  expect(await write()).toBe("written");
  await open.end();
  await migrated;
  expect(await index("calls_in_turn")).toBeUndefined();
});

test("While a migration waits for a table that somebody holds, others write it.", async () => {
  await until("0013_sources_take_turns");
  const open = await writing();
  const migrated = migrate(ownerUrl, { log });
  await waiting();
  expect(await write()).toBe("written");
  await open.end();
  await migrated;
  expect(await sql`select released_at from calls`).toEqual([]);
});

test("A migration has locked every table that it changes before it changes the first, so that a reader of both holds up neither.", async () => {
  const text = [
    `alter table "hooks" add column "x" text;`,
    `create table "held" as select relation::regclass::text as name from pg_locks
      where pid = pg_backend_pid() and mode = 'AccessExclusiveLock' and relation > 16384;`,
    `alter table "events" add column "y" text;`,
    `alter table "calls" add constraint "checked" check (true) not valid;`,
    `alter table "calls" validate constraint "checked";`,
  ];
  await migrate(ownerUrl, { folder: withOneMore(text.join("--> statement-breakpoint\n")) });
  const held = await sql<{ name: string }[]>`select name from held where name in ('hooks', 'events', 'calls', 'lines')`;
  expect(held.map(({ name }) => name).sort()).toEqual(["calls", "events", "hooks"]);
});

test("What a migration says to its operator is logged.", async () => {
  const text = "do $$ begin raise notice 'let the owner of the role do it'; end $$;";
  await migrate(ownerUrl, { log, folder: withOneMore(text) });
  expect(said).toEqual(["let the owner of the role do it"]);
});

test("While a migration holds a table, readiness names those that have not run.", async () => {
  await migrate(ownerUrl);
  await sql`delete from drizzle.__drizzle_migrations where created_at = (select max(created_at) from drizzle.__drizzle_migrations)`;
  const app = postgres(appUrl(ownerUrl, inject("cluster").appPassword), {
    max: 1,
    fetch_types: false,
    onnotice: () => {},
  });
  const held = await sql.reserve();
  await held`begin`;
  await held`lock table hooks in access exclusive mode`;
  const { missingMigrations } = await healthLookups(app, null).readiness();
  expect(missingMigrations).toEqual(all.slice(-1));
  await held`rollback`;
  held.release();
  await app.end({ timeout: 1 });
});

test("A migration that was killed while it built an index is finished by the next one.", async () => {
  await until("0015_app_role_may_stop_calls_in_parts");
  const before = await ran();
  expect(before).toBeLessThan(all.length);
  const open = await writing();
  const killed = migrate(ownerUrl).catch((error: unknown) => error);
  await sql`select pg_terminate_backend(${await waiting()})`;
  expect(await killed).toBeInstanceOf(Error);
  expect(await ran()).toBe(before);
  await open.end();
  expect(await index("calls_by_turn")).toMatchObject({ valid: false });
  await migrate(ownerUrl);
  expect(await index("calls_by_turn")).toMatchObject({ valid: true });
  expect(await ran()).toBe(all.length);
});

test("Two at once take turns, and each migration runs once.", async () => {
  await until("0012_app_role_may_count_refused_requests");
  const open = await writing();
  const both = [migrate(ownerUrl, { log }), migrate(ownerUrl, { log })];
  await waiting();
  await expect.poll(() => said).toContain("waiting for other migrations of this database to end");
  await open.end();
  await Promise.all(both);
  expect(await ran()).toBe(all.length);
  expect(await index("calls_by_turn")).toMatchObject({ valid: true });
});

test("A new database gets everything, and nothing is built ahead in it.", async () => {
  await migrate(ownerUrl, { log });
  expect(said).toEqual([]);
  await migrate(ownerUrl, { log });
  expect(said).toEqual([]);
  expect(await ran()).toBe(all.length);
});

test("Bodies of events are compressed by lz4 if the server was built with it, and by its default if not.", async () => {
  await migrate(ownerUrl);
  const [row] = await sql<{ built: boolean; compression: string }[]>`
    select (select 'lz4' = any(enumvals) from pg_settings where name = 'default_toast_compression') as built,
      (select attcompression::text from pg_attribute where attrelid = 'events'::regclass and attname = 'body') as compression`;
  expect(row?.compression).toBe(row?.built ? "l" : "");
});

test("A unique index that finds duplicates fails, changes nothing and leaves nothing behind that would refuse a row.", async () => {
  await migrate(ownerUrl);
  const before = await ran();
  await sql`insert into sources (slug, preset) values ('one', 'shopify'), ('two', 'shopify')`;
  const folder = withOneMore(
    'CREATE TABLE "more" ("id" text);--> statement-breakpoint\nCREATE UNIQUE INDEX "sources_more" ON "sources" USING btree ("preset");',
  );
  await expect(migrate(ownerUrl, { folder })).rejects.toMatchObject({ code: "23505" });
  expect([await ran(), await index("sources_more")]).toEqual([before, undefined]);
  await sql`insert into sources (slug, preset) values ('three', 'shopify')`;
  await sql`delete from sources where slug in ('two', 'three')`;
  await migrate(ownerUrl, { folder });
  expect([await ran(), await index("sources_more")]).toMatchObject([before + 1, { valid: true }]);
});

test("Indexes of new tables and columns come with them, and one that changes is the new one.", async () => {
  await migrate(ownerUrl);
  const folder = withOneMore(`-- Said before a statement.
CREATE TABLE "more" ("id" text);--> statement-breakpoint
ALTER TABLE "calls" ADD COLUMN "more" text;--> statement-breakpoint
DROP INDEX "calls_by_turn";--> statement-breakpoint
CREATE INDEX "more_ids" ON "more" USING btree ("id");--> statement-breakpoint
CREATE INDEX "calls_more" ON "calls" USING btree ("more") WHERE "calls"."more" is not null;--> statement-breakpoint
-- The same name.
CREATE INDEX "calls_by_turn" ON "calls" USING btree ("source");`);
  await migrate(ownerUrl, { folder });
  for (const name of ["more_ids", "calls_more"]) expect(await index(name)).toMatchObject({ valid: true });
  expect(await index("calls_by_turn")).toMatchObject({
    valid: true,
    definition: expect.stringMatching(/btree \(source\)$/),
  });
});

test("An index of that name that is another one is not taken for it.", async () => {
  await until("0015_app_role_may_stop_calls_in_parts");
  await sql`create index calls_by_turn on events (id)`;
  await expect(migrate(ownerUrl)).rejects.toThrow('relation "calls_by_turn" already exists');
});
