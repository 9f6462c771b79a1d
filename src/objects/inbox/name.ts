/**
 * The name of an inbox: its source's slug, and its shard. An object does not know its own name and an alarm has none,
 * so the callers' is stored. A source that does not exist leaves nothing on disk.
 */
import type { Disk } from "../disk.ts";

export type InboxName = {
  /** Null before the first call with a name. */
  slug(): string | null;
  shard(): number;
  /** Notes the caller's name, and stores the slug if the source is known to exist. */
  note(slug: string, shard?: number): void;
  /** Stores the slug, since an alarm will need it. */
  store(): void;
};

const slugKey = "slug";
const shardKey = "shard";

/** @param isKnown whether this is the inbox of a source that exists */
export function inboxName(disk: Disk, isKnown: () => boolean): InboxName {
  let slug = disk.get<string>(slugKey) ?? null;
  let shard = disk.get<number>(shardKey) ?? 0;
  let stored = slug !== null;

  function store(): void {
    if (stored || slug === null) return;
    stored = true;
    disk.put(slugKey, slug);
  }

  return {
    slug: () => slug,
    shard: () => shard,
    note(source, of = shard) {
      slug = source;
      if (of !== shard) disk.put(shardKey, of);
      shard = of;
      if (isKnown()) store();
    },
    store,
  };
}
