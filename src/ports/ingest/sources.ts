/** Sources, as their inbox and the plan read them. Types only. */
import type { Line } from "../../domain/calls/line.ts";
import type { SourceCopy } from "../source-copy.ts";

/** The store from which the inbox reads its source. */
export type SourceStore = {
  copy(slug: string): Promise<SourceCopy | null>;
  /** Keeps a secret that a sender handed over, with its entry. @returns false where the source has an active one, or is closed */
  capture(slug: string, secret: SealedSecret): Promise<boolean>;
  /** Every line, and the version of them all. */
  lines(): Promise<{ lines: Line[]; version: string }>;
};

/** A secret as it is kept. */
export type SealedSecret = { sealed: string; kid: string; fingerprint: string };
