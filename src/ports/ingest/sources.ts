/** Sources, as their inbox and the plan read them. Types only. */
import type { VersionedLine } from "../../domain/calls/line.ts";
import type { SourceCopy } from "../source-copy.ts";

/** The store from which the inbox reads its source. */
export type SourceStore = {
  copy(slug: string): Promise<SourceCopy | null>;
  /** Keeps a secret that a sender handed over, with its entry. @returns false where the source has an active one, or is closed */
  capture(slug: string, secret: SealedSecret): Promise<boolean>;
  /**
   * Postgres has an older version of a source than its inbox: pauses the source, with an entry, unless a pause says so already. If the
   * source is paused for another reason, the entry alone says so.
   */
  wentBack(slug: string, lost: LostVersions): Promise<void>;
  /** Every line, and the version of them all. */
  lines(): Promise<{ lines: VersionedLine[]; version: string }>;
};

/** Versions of a source that Postgres does not have any more. `activeAgain`: ids of secrets that had been retired in them. */
export type LostVersions = {
  readonly known: number;
  readonly found: number;
  readonly activeAgain: readonly string[];
};

/** A secret as it is kept. */
export type SealedSecret = { sealed: string; kid: string; fingerprint: string };
