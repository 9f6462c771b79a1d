/** The claim journal on Node's own SQLite: the same statements as in an object. */
import { DatabaseSync } from "node:sqlite";
import { claimJournal, type JournalStorage } from "../../src/objects/line/claim-journal.ts";
import { createLog } from "../../src/platform/log.ts";
import type { ClaimJournal } from "../../src/ports/calling/journal.ts";

/** An object's storage. `synced` counts how often somebody waited for the disk. */
export type JournalDisk = { -readonly [Part in keyof JournalStorage]: JournalStorage[Part] } & {
  readonly synced: number;
};

/** A disk of its own, that forgets everything at its end. */
export function journalDisk(): JournalDisk {
  const database = new DatabaseSync(":memory:");
  let synced = 0;
  return {
    sql: {
      exec: (query, ...bindings) => {
        const rows = database.prepare(query).all(...bindings);
        return { toArray: () => rows };
      },
    },
    async sync() {
      synced++;
    },
    get synced() {
      return synced;
    },
  };
}

const quiet = createLog({ info: () => {}, warn: () => {}, error: () => {} });
let journals = 0;

/** A journal on a disk; another one on the same disk is what the next instance of the object sees. */
export function journalOn(
  storage: JournalStorage = journalDisk(),
  now: () => number = Date.now,
  rowsMax?: number,
): ClaimJournal {
  return claimJournal(storage, { now, randomId: () => `journal-${++journals}`, log: quiet }, rowsMax);
}
