/**
 * The directory of spills: the inboxes that hold events on their own disks. Postgres cannot list them while it is down. The inbox of
 * the built-in source stores the directory; an inbox reports at each try to end its spill, so a report that was lost is made up for.
 */
import type { SpillCount } from "../../ports/ingest/spill.ts";
import type { Disk } from "../disk.ts";

type StoredSpills = {
  /** Stores an inbox's report; one of no events removes the inbox. */
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
