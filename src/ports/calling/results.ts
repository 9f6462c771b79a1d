/** Results of dials. Types only. */
import type { DialEnd } from "../../domain/calls/dial.ts";

/** Result of one dial, for one claim. */
export type DialResult = { callId: string; claimSeq: number } & DialEnd;

export type ResultStore = {
  record(line: string, results: DialResult[]): Promise<void>;
  /** Whether a thrown value means that Postgres rejects the content, now and later. */
  refuses(error: unknown): boolean;
};
