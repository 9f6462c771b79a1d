/** The directory: one object that knows the names of all sources. Types only. */

/** The list of names, as of the moment of the answer. */
export type NamesAnswer = {
  /** Changes with every new name. */
  readonly version: string;
  /** `false`: Postgres has not confirmed it lately, so a source may exist that is not in it. */
  readonly complete: boolean;
  /** `null`: the list of the version that the asker has. */
  readonly names: readonly string[] | null;
};

/** Names of sources that exist or existed: a source is closed and never deleted, so the list only grows. */
export type NameDirectory = {
  /** @param version of the list that the asker has; `null`: none */
  names(version: string | null): Promise<NamesAnswer>;
  /** Adds names, durably. @returns milliseconds until every Worker judges by a list that has them */
  add(names: readonly string[]): Promise<{ readonly knownInMs: number }>;
  /** Compares the list with Postgres, and adds what it lacks. Rejects while Postgres is down. */
  confirm(): Promise<void>;
};

/** Whether a name is one of a source. `unknown`: nobody can say now. */
export type NameVerdict = "listed" | "not_listed" | "unknown";
