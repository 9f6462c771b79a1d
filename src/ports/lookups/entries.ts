/** Look-ups of audit entries, and their content. Times are epoch milliseconds. Types only. */

export type EntryRow = {
  id: number;
  at: number;
  subject: string;
  subjectId: string;
  action: string;
  actor: string;
  reason: string | null;
  data: Record<string, unknown>;
};

/** Content of an entry, passed with the change that it records. */
export type EntryDraft = Omit<EntryRow, "id" | "at">;

export type ReadingsFilter = {
  /** Name of the reader's token. */
  readonly reader?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
};

/** Look-up of readings. */
export type ReadingLookups = {
  /** Entries about readings, newest first. `next`: the id before which the next page begins. */
  readings(
    filter: ReadingsFilter,
    limit: number,
    before: number | null,
  ): Promise<{ rows: readonly EntryRow[]; next: number | null }>;
};

export type ReadingLog = {
  /** Records who read data that is masked for others. */
  noteRead(entry: EntryDraft): Promise<void>;
};
