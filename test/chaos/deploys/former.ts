/**
 * The former version of the Worker, frozen: its bundle as it was built, and the last migration that it knew. It stands in the repository, so
 * that a deploy can be tried without history and without a network. `npm run freeze -- COMMIT` makes it anew.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import { root } from "../../../cli/local/paths.ts";

/** The classes of objects that the former version has, by their bindings. The directory of names came later. */
export const formerObjects = { INBOX: "Inbox", LINE: "Line", NOTARY: "Notary" } as const;

type Frozen = {
  /** The commit that it was built from. */
  readonly commit: string;
  /** Its last migration. */
  readonly migration: string;
};

const here = join(root, "test", "chaos", "deploys");
const bundleFile = join(here, "former.js.br");
const factsFile = join(here, "former.json");
const migrations = join(root, "migrations");
const main = "index.js";

export function frozen(): Frozen {
  return JSON.parse(readFileSync(factsFile, "utf8")) as Frozen;
}

/** Replaces the frozen version. */
export function freeze(code: Buffer, facts: Frozen): void {
  const params = { [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS };
  writeFileSync(bundleFile, brotliCompressSync(code, { params }));
  writeFileSync(factsFile, `${JSON.stringify(facts, null, 2)}\n`);
}

/** Unpacks the Worker and its migrations into a directory. */
export function unpackFormer(dir: string): { bundle: { dir: string; main: string }; migrationsDir: string } {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, main), brotliDecompressSync(readFileSync(bundleFile)));
  return { bundle: { dir, main }, migrationsDir: migrationsUntil(frozen().migration, join(dir, "migrations")) };
}

/** Copies the migrations as far as the one of the name `last` into a new directory, and returns that. */
export function migrationsUntil(last: string, dir: string): string {
  mkdirSync(join(dir, "meta"), { recursive: true });
  const journal = JSON.parse(readFileSync(join(migrations, "meta", "_journal.json"), "utf8")) as {
    entries: { tag: string }[];
  };
  const at = journal.entries.findIndex(({ tag }) => tag === last);
  if (at < 0) throw new Error(`there is no migration ${last}`);
  const entries = journal.entries.slice(0, at + 1);
  for (const { tag } of entries) cpSync(join(migrations, `${tag}.sql`), join(dir, `${tag}.sql`));
  writeFileSync(join(dir, "meta", "_journal.json"), JSON.stringify({ ...journal, entries }));
  return dir;
}
