/**
 * A receipt: signed facts about one call, with the pieces of the audit chain that contain its entries.
 *
 * Proven with the public key alone:
 * - The service stated this at that time.
 * - Each included entry is at its position under a head that was signed at the head's time. Entries in between are
 *   about other calls, and the receipt contains only their digests.
 *
 * Not proven:
 * - That the call has no other entry. `more` says that entries are left out; entries about readings always are.
 * - That a head belongs to the one chain that everybody sees. Compare it with heads stored elsewhere.
 * - That an entry is true.
 */
import { callStatuses } from "../calls/call.ts";
import type { CallContent } from "./call-content.ts";
import type { OpenEntry } from "./chain.ts";

/** Actions of entries about readings. They change nothing in the call. */
export const readings = ["read", "recording_read", "listened", "transcript_read", "exported"] as const;

/** Status of a call after an entry with this action. Other actions do not change it. */
export const leadsTo: ReadonlyMap<string, string> = new Map<string, string>([
  ...callStatuses.map((status) => [status, status] as const),
  ["released", "queued"],
  ["postponed", "queued"],
]);

/** An entry of the call. `data` is included for readers who may see it; its hash always is. */
export type ReceiptEntry = OpenEntry & { readonly data?: string | undefined };

/**
 * A piece of the chain, from the entry at `from` to the head `head` (a JWS). Entries of this call are included whole,
 * others by digest.
 */
export type ReceiptPiece = {
  readonly previous: string;
  readonly from: number;
  readonly head: string;
  readonly entries: readonly (string | ReceiptEntry)[];
};

/** Values behind the commitment in the entry about the call's creation, with their salt. An erasure removes them. */
export type ReceiptContent = CallContent & { readonly salt: string };

/** The signed payload. `call` is as in the API, without texts. */
export type CallReceipt = {
  readonly iss: string;
  readonly at: string;
  readonly call: { readonly id: string; readonly event_id: string } & Readonly<Record<string, unknown>>;
  readonly content?: ReceiptContent | undefined;
  /** There are more entries than a receipt may contain. */
  readonly more?: boolean | undefined;
  readonly pieces: readonly ReceiptPiece[];
};
