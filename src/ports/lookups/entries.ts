/** Entries of the audit log, as they are looked up and added. Moments are epoch milliseconds. Types only. */

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

/** The content of an entry, given with the change that it records. */
export type EntryDraft = Omit<EntryRow, "id" | "at">;

export type ReadingLog = {
  /** Notes who read what is masked for others. */
  noteRead(entry: EntryDraft): Promise<void>;
};
