/**
 * The directory of spills: inboxes with events on their own disks. Postgres cannot list them while it is down. The
 * inbox of the built-in source stores the directory. An inbox reports at each attempt to drain its spill, so a lost
 * report is repeated.
 */
import type { SpillCount } from "../../ports/ingest/spill.ts";
import type { Disk } from "../disk.ts";

type StoredSpills = {
  /** Stores an inbox's report. A report of zero events removes the inbox. */
  note(count: SpillCount): void;
  /** The last report of each inbox. The exact number is the inbox's own. */
  list(): SpillCount[];
};

const spillsKey = "spills";

export function storedSpills(disk: Disk): StoredSpills {
  let counts: Map<string, SpillCount> | null = null;
  const read = (): Map<string, SpillCount> => {
    counts ??= new Map((disk.get<SpillCount[]>(spillsKey) ?? []).map((count) => [nameOf(count), count]));
    return counts;
  };
  return {
    note(count) {
      const known = read();
      const before = known.size;
      if (count.events > 0) known.set(nameOf(count), count);
      else known.delete(nameOf(count));
      if (before > 0 || known.size > 0) disk.put(spillsKey, [...known.values()]);
    },
    list: () => [...read().values()],
  };
}

function nameOf({ source, shard }: SpillCount): string {
  return `${source}/${shard}`;
}
