/** Sources, for their inboxes and the plan. Types only. */
import type { VersionedLine } from "../../domain/calls/line.ts";
import type { SourceCopy } from "../source-copy.ts";

/** Store from which an inbox reads its source. */
export type SourceStore = {
  copy(slug: string): Promise<SourceCopy | null>;
  /**
   * Stores a secret that a sender handed over, with its entry. @returns False if the source has an active one, or is
   * closed.
   */
  capture(slug: string, secret: SealedSecret): Promise<boolean>;
  /**
   * Postgres has an older version of a source than its inbox. Pauses the source with an entry, unless it is already
   * paused for this. If it is paused for another reason, only the entry is written.
   */
  wentBack(slug: string, lost: LostVersions): Promise<void>;
  /** Every line, and one version for all of them. */
  lines(): Promise<{ lines: VersionedLine[]; version: string }>;
};

/** Versions of a source that Postgres lost. `activeAgain`: ids of secrets that those versions had retired. */
export type LostVersions = {
  readonly known: number;
  readonly found: number;
  readonly activeAgain: readonly string[];
};

/** A secret, as stored. */
export type SealedSecret = { sealed: string; kid: string; fingerprint: string };
