/** The directory: one object that knows the names of all sources. Types only. */

/** The list of names at the time of the answer. */
export type NamesAnswer = {
  /** Changes with every new name. */
  readonly version: string;
  /** False if Postgres has not confirmed the list recently. A source that is not listed may then exist. */
  readonly complete: boolean;
  /** Null if the caller's version is current. */
  readonly names: readonly string[] | null;
};

/** Names of sources that exist or existed. A source is closed and never deleted, so the list only grows. */
export type NameDirectory = {
  /** @param version Version of the caller's list; null if it has none. */
  names(version: string | null): Promise<NamesAnswer>;
  /** Adds names durably. @returns Milliseconds until every Worker uses a list with them. */
  add(names: readonly string[]): Promise<{ readonly knownInMs: number }>;
  /** Compares the list with Postgres, and adds missing names. Rejects while Postgres is down. */
  confirm(): Promise<void>;
};

/** Whether a source has this name. `unknown`: that cannot be decided now. */
export type NameVerdict = "listed" | "not_listed" | "unknown";
