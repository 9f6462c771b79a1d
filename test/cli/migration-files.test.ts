/** The rule for authors of migrations: no table that the service writes is shut while an index of it is built. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { indexStatement } from "../../cli/install/index-statements.ts";
import { root } from "../../cli/local/paths.ts";

/** Merged migrations are never edited; those before this one are older than the rule. */
const firstNumber = 16;

const dir = join(root, "migrations");
const migrations = readdirSync(dir)
  .filter((name) => name.endsWith(".sql") && Number(name.slice(0, 4)) >= firstNumber)
  .map((name): [string, string] => [name, readFileSync(join(dir, name), "utf8")]);

const newTable = (table: string) => new RegExp(String.raw`create table (if not exists )?"?${table}"?[\s(]`, "i");

/** Statements of a migration that would build an index under a lock that writers wait for. */
function shutting(migration: string): string[] {
  const statements = migration.split("--> statement-breakpoint").map((one) => one.trim());
  const added = statements.flatMap((one) => {
    const [, table, column] = /alter table "?(\w+)"? add column (?:if not exists )?"?(\w+)"?/i.exec(one) ?? [];
    return table === undefined || column === undefined ? [] : [{ table, column }];
  });
  const isNew = (table: string) => statements.some((one) => newTable(table).test(one));
  return statements.filter((one) => {
    const constrained = /alter table "?(\w+)"?[^;]*\b(unique|primary key|exclude)\b/i.exec(one)?.[1];
    if (constrained !== undefined && !/using index/i.test(one)) return !isNew(constrained);
    if (!/\b(create\s+(unique\s+)?|drop\s+|re)index\b/i.test(one)) return false;
    const index = indexStatement(one);
    if (index === null) return true;
    if (index.kind === "drop" || isNew(index.table)) return false;
    return added.some(({ table, column }) => table === index.table && new RegExp(String.raw`\b${column}\b`).test(one));
  });
}

it.each(migrations)("%s builds indexes without shutting a table.", (_, migration) => {
  expect(shutting(migration)).toEqual([]);
});

it.each([
  'CREATE INDEX "i" ON "calls" USING btree ("line");',
  '-- Why.\nCREATE UNIQUE INDEX IF NOT EXISTS "i" ON "calls" ("line") WHERE "calls"."status" = \'queued\'',
  'DROP INDEX "i";--> statement-breakpoint\nDROP INDEX IF EXISTS "j";',
  'CREATE TABLE "t" ("id" text UNIQUE);--> statement-breakpoint\nCREATE INDEX "i" ON "t" USING btree ("id");',
  'ALTER TABLE "calls" ADD COLUMN "new" text;--> statement-breakpoint\nCREATE INDEX "i" ON "calls" ("line");',
  'ALTER TABLE "calls" ADD CONSTRAINT "c" UNIQUE USING INDEX "i";',
])("A migration may say: %s", (migration) => {
  expect(shutting(migration)).toEqual([]);
});

it.each([
  // An index of a column that is new in the same migration cannot be built before it.
  'ALTER TABLE "calls" ADD COLUMN "new" text;--> statement-breakpoint\nCREATE INDEX "i" ON "calls" ("line") WHERE "calls"."new" is not null;',
  // Two statements in one: `hookline migrate` reads one at a time.
  'DROP INDEX "i"; CREATE INDEX "j" ON "calls" ("line");',
  'DO $$ BEGIN CREATE INDEX "i" ON "calls" ("line"); END $$;',
  // Fails in a transaction, which a new database has.
  'CREATE INDEX CONCURRENTLY "i" ON "calls" ("line");',
  'REINDEX INDEX "i";',
  'ALTER TABLE "calls" ADD CONSTRAINT "c" UNIQUE("line");',
  'ALTER TABLE "calls" ADD COLUMN "new" text UNIQUE;',
])("A migration may not say: %s", (migration) => {
  expect(shutting(migration)).toHaveLength(1);
});
