/** Look-up of anything by any id. Times are epoch milliseconds. Types only. */
import type { FindKind, Sought } from "../../domain/find.ts";

/** One thing that was found. Rows about it are counted up to a bound. */
export type FoundRow = {
  kind: FindKind;
  /** Name of the thing, as it is shown. */
  label: string;
  calls: number;
  events: number;
  newestAt: number | null;
  /** Id of its newest call, or of its newest event if it has no call. */
  newest: string | null;
  recordType: string | null;
  recordId: string | null;
};

export type FindLookups = {
  /** @param kinds Kinds that are looked for. */
  find(sought: Sought, kinds: ReadonlySet<FindKind>): Promise<FoundRow[]>;
};
