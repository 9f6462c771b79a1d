/**
 * The book of spills: which inboxes hold something on their own disk. Postgres lists the sources, and is away just then. It is kept by
 * the inbox of the built-in source, and is told anew at each try to end a spill, so that a word which was lost comes again.
 */
import type { SpillCount } from "../../ports/ingest/inbox.ts";
import type { Disk } from "../disk.ts";

export type SpillBookPages = {
  note(count: SpillCount): void;
  /** As they were told last; exact numbers are with the inboxes. */
  list(): SpillCount[];
};

const bookKey = "spills";

export function spillBookPages(disk: Disk): SpillBookPages {
  let pages: Map<string, SpillCount> | null = null;
  const read = (): Map<string, SpillCount> => {
    pages ??= new Map((disk.get<SpillCount[]>(bookKey) ?? []).map((count) => [nameOf(count), count]));
    return pages;
  };
  return {
    note(count) {
      const book = read();
      const before = book.size;
      if (count.events > 0) book.set(nameOf(count), count);
      else book.delete(nameOf(count));
      if (before > 0 || book.size > 0) disk.put(bookKey, [...book.values()]);
    },
    list: () => [...read().values()],
  };
}

function nameOf({ source, shard }: SpillCount): string {
  return `${source}/${shard}`;
}
