/**
 * A receipt: what is known of one call, signed, with the pieces of the audit chain that its entries stand in.
 *
 * Proven with the public key alone:
 * - The service said this at that moment.
 * - Each entry in it stands at its position under a head that was signed at the head's moment. Entries between them are about other
 *   calls; the receipt holds their digests only.
 *
 * Not proven:
 * - That the call has no other entry. `more` says that the receipt holds only some; entries about readings are never among them.
 * - That a head belongs to the one chain that everybody sees. Compare it with heads stored elsewhere.
 * - That an entry says what happened.
 */
import { callStatuses } from "../calls/call.ts";
import { type CallContent, contentText } from "./call-content.ts";
import { type ChainPoint, canonicalEntry, linkHash, type OpenEntry, type Sha256 } from "./chain.ts";

/** Actions of entries about readings, which change nothing of the call. */
export const readings = ["read", "recording_read"] as const;

/** The status of a call after an entry of this action. Other actions leave it unchanged. */
export const leadsTo: ReadonlyMap<string, string> = new Map<string, string>([
  ...callStatuses.map((status) => [status, status] as const),
  ["released", "queued"],
  ["postponed", "queued"],
]);

/** An entry of the call. `data` is present for readers who may see it; its hash always is. */
export type ReceiptEntry = OpenEntry & { readonly data?: string | undefined };

/** A piece of the chain: from the entry at `from`, each by its digest or, of this call, in whole, up to the head `head` (a JWS). */
export type ReceiptPiece = {
  readonly previous: string;
  readonly from: number;
  readonly head: string;
  readonly entries: readonly (string | ReceiptEntry)[];
};

/** Removed by an erasure: the values behind the commitment in the entry of the call's making, and their salt. */
export type ReceiptContent = CallContent & { readonly salt: string };

/** The signed payload. `call` is as the API shows it, without texts. */
export type CallReceipt = {
  readonly iss: string;
  readonly at: string;
  readonly call: { readonly id: string; readonly event_id: string } & Readonly<Record<string, unknown>>;
  readonly content?: ReceiptContent | undefined;
  /** There are more entries than the receipt has room for. */
  readonly more?: boolean | undefined;
  readonly pieces: readonly ReceiptPiece[];
};

/** The result of walking a piece: its end, and each entry of the call with its position. */
type WalkedPiece = {
  readonly end: ChainPoint;
  readonly entries: readonly (ReceiptEntry & { position: number })[];
};

/** Walks a piece. `null`: an entry's data is not what its hash says. */
export function walkPiece(piece: ReceiptPiece, sha256: Sha256): WalkedPiece | null {
  let end: ChainPoint = { position: piece.from - 1, hash: piece.previous };
  const entries: (ReceiptEntry & { position: number })[] = [];
  for (const item of piece.entries) {
    const position = end.position + 1;
    if (typeof item !== "string") {
      if (item.data !== undefined && sha256(item.data) !== item.dataHash) return null;
      entries.push({ ...item, position });
    }
    const digest = typeof item === "string" ? item : sha256(canonicalEntry(item));
    end = { position, hash: linkHash(end.hash, digest, sha256) };
  }
  return { end, entries };
}

/**
 * Whether the newest move among the entries led to the status that the receipt names, and the outcome is the one of the entry of its end.
 * The newest moves are in every receipt.
 */
export function isLedTo({ id, status, outcome }: CallReceipt["call"], entries: readonly ReceiptEntry[]): boolean {
  const moves = entries
    .filter(({ subject, subjectId, action }) => subject === "call" && subjectId === id && leadsTo.has(action))
    .sort((one, other) => one.id - other.id);
  const last = moves.at(-1);
  if (last === undefined || leadsTo.get(last.action) !== status) return false;
  const told = last.data === undefined || last.action !== "ended" ? outcome : JSON.parse(last.data).outcome;
  return (told ?? null) === (outcome ?? null);
}

/**
 * Whether a content is the one that an entry committed to.
 *
 * @param hmac HMAC-SHA256 of a text under a salt, in lower-case hex
 */
export function isCommitted(
  { salt, ...content }: ReceiptContent,
  entries: readonly ReceiptEntry[],
  hmac: (salt: string, text: string) => string,
): boolean {
  const wanted = hmac(salt, contentText(content));
  return entries.some(({ data }) => data !== undefined && JSON.parse(data).content === wanted);
}
