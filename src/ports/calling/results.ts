/** Results of dials. Types only. */
import type { DialEnd } from "../../domain/calls/dial.ts";

/** The end of one dial, for the claim that it belongs to. */
export type DialResult = { callId: string; claimSeq: number } & DialEnd;
