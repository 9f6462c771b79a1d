/**
 * Group commit: items that arrive while a commit is in flight share the next one. Only one commit runs at a time, so a
 * slow commit enlarges the next one instead of adding more.
 */

/** Limits of a group. */
export type GroupLimits = {
  /** Highest total weight of one commit. A single item may weigh more. */
  readonly weightMax: number;
  /** Highest number of items of one commit. */
  readonly itemsMax: number;
  /**
   * Highest number and weight of items that wait or are in flight. A further item is rejected, unless the group is
   * empty.
   */
  readonly waitingMax: number;
  readonly waitingWeightMax: number;
  /** Time that a first item waits for others; 0 for no wait. */
  readonly lingerMs: number;
};

/** The group is full. The item was not added. */
export class GroupFull extends Error {
  readonly code = "GROUP_FULL";
}

type Waiting<Item, Result> = {
  readonly item: Item;
  readonly weight: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
};

/** A group that commits items of one kind. */
export type Group<Item, Result> = {
  /** Resolves with the item's own result after its commit. Rejects with the error of that commit. */
  add(item: Item, weight: number): Promise<Result>;
  /** Number of items that wait or are in flight. */
  size(): number;
  /** Commits waiting items now, without lingering. */
  flush(): void;
};

/** @param commit Commits a batch. Resolves with one result per item, in order. */
export function groupCommit<Item, Result>(
  commit: (items: readonly Item[]) => Promise<readonly Result[]>,
  limits: GroupLimits,
): Group<Item, Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let committing = 0;
  let held = 0;
  let running = false;
  let timer: ReturnType<typeof setTimeout> | null = null;

  const nextBatch = (): Waiting<Item, Result>[] => {
    let weight = 0;
    let count = 0;
    while (count < waiting.length && count < limits.itemsMax) {
      weight += waiting[count]?.weight ?? 0;
      if (count > 0 && weight > limits.weightMax) break;
      count++;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return batch;
  };

  const commitOne = async (): Promise<void> => {
    // The batch is taken before the first await: input gates do not protect across a socket's awaits.
    const batch = nextBatch();
    committing = batch.length;
    try {
      const results = await commit(batch.map(({ item }) => item));
      batch.forEach(({ resolve, reject }, index) => {
        if (index < results.length) resolve(results[index] as Result);
        else reject(new Error("a commit gave fewer results than it had items"));
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    committing = 0;
    held -= batch.reduce((sum, { weight }) => sum + weight, 0);
    running = false;
    schedule();
  };

  /** Commits at once or after the linger. Items that arrive meanwhile join. */
  const schedule = (): void => {
    if (running || waiting.length === 0) return;
    if (limits.lingerMs === 0 || waiting.length >= limits.itemsMax) start();
    else timer ??= setTimeout(start, limits.lingerMs);
  };

  const start = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (running || waiting.length === 0) return;
    running = true;
    void commitOne();
  };

  return {
    add(item, weight) {
      const size = waiting.length + committing;
      if (size >= limits.waitingMax || (size > 0 && held + weight > limits.waitingWeightMax))
        return Promise.reject(new GroupFull("too many wait"));
      held += weight;
      return new Promise((resolve, reject) => {
        waiting.push({ item, weight, resolve, reject });
        schedule();
      });
    },
    size: () => waiting.length + committing,
    flush: start,
  };
}
