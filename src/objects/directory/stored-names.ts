/**
 * The names of sources on the directory's own disk.
 *
 * Names are only added, so their number is the version of the list. A random id in front of it distinguishes the list
 * of another disk.
 */
import { randomId } from "../../platform/hashes.ts";
import type { Disk } from "../disk.ts";

/** The part of an object's storage that the names use. */
type NamesStorage = {
  readonly kv: Pick<Disk, "get" | "put">;
  readonly sql: { exec(query: string, ...bindings: string[]): Iterable<Record<string, unknown>> };
  transactionSync<T>(work: () => T): T;
};

export type StoredNames = {
  version(): string;
  list(): readonly string[];
  /** @returns Whether any of them is new. */
  add(names: readonly string[]): boolean;
  /**
   * Time of the last comparison with Postgres, in epoch milliseconds. Null if there was none, or Postgres was found to
   * be down since.
   */
  confirmedAt(): number | null;
  setConfirmed(at: number | null): void;
};

const idKey = "names";
const confirmedKey = "confirmed";
const table = "create table if not exists names (name text primary key) without rowid";
const tableNamed = "select 1 as there from sqlite_master where type = 'table' and name = 'names'";

/** Opens the list that an earlier instance left. Creates no table before the first name is stored. */
export function storedNames(storage: NamesStorage): StoredNames {
  const { kv, sql } = storage;
  let made = [...sql.exec(tableNamed)].length > 0;
  const names = new Set(made ? [...sql.exec("select name from names")].map(({ name }) => String(name)) : []);
  let id = kv.get<string>(idKey) ?? null;
  let confirmedAt = kv.get<number>(confirmedKey) ?? null;

  return {
    version: () => `${id ?? "none"}/${names.size}`,
    list: () => [...names],
    confirmedAt: () => confirmedAt,
    setConfirmed(at) {
      if (at === confirmedAt) return;
      confirmedAt = at;
      kv.put(confirmedKey, at);
    },
    add(given) {
      const added = [...new Set(given)].filter((name) => !names.has(name));
      if (added.length === 0) return false;
      storage.transactionSync(() => {
        if (!made) [...sql.exec(table)];
        if (id === null) {
          id = randomId();
          kv.put(idKey, id);
        }
        for (const name of added) [...sql.exec("insert or ignore into names (name) values (?)", name)];
      });
      made = true;
      for (const name of added) names.add(name);
      return true;
    },
  };
}
