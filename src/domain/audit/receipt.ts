/**
 * A receipt: what is known of one call, signed, with the pieces of the audit chain that its entries stand in.
 *
 * What it proves to whoever has the public key and nothing else: the service said this at that moment; and each entry in it stands at
 * its position under a head that was signed at the head's moment. Of the entries between, which tell of other calls, it holds digests
 * only.
 *
 * What it does not prove: that there is no other entry about the call, which is the service's word (`more` says that it holds only some
 * of them; who read the call is never among them); that a head belongs to the one
 * chain that everybody sees, for which heads that were kept elsewhere are compared; that what an entry says is what happened.
 */
import { callStatuses } from "../calls/call.ts";
import { type CallContent, contentText } from "./call-content.ts";
import { type ChainPoint, canonicalEntry, linkHash, type OpenEntry, type Sha256 } from "./chain.ts";

/** What entries of mere reading are called: nothing of the call changed. */
export const readings = ["read", "recording_read"] as const;

/** Which status a call has after an entry of this action; of others it stays what it was. */
export const leadsTo: ReadonlyMap<string, string> = new Map<string, string>([
  ...callStatuses.map((status) => [status, status] as const),
  ["released", "queued"],
  ["postponed", "queued"],
]);

/** An entry of the call. `data` is there for whoever may see it; its hash always. */
export type ReceiptEntry = OpenEntry & { readonly data?: string | undefined };

/** A piece of the chain: from the entry at `from`, each by its digest or, of this call, in whole, up to the head `head` (a JWS). */
export type ReceiptPiece = {
  readonly previous: string;
  readonly from: number;
  readonly head: string;
  readonly entries: readonly (string | ReceiptEntry)[];
};

/** What erasure takes: the values behind the commitment in the entry of the call's making, and their salt. */
export type ReceiptContent = CallContent & { readonly salt: string };

/** What is signed. `call` is as the API shows it, without texts. */
export type CallReceipt = {
  readonly iss: string;
  readonly at: string;
  readonly call: { readonly id: string; readonly event_id: string } & Readonly<Record<string, unknown>>;
  readonly content?: ReceiptContent | undefined;
  /** There are more entries than the receipt has room for. */
  readonly more?: boolean | undefined;
  readonly pieces: readonly ReceiptPiece[];
};

/** What walking a piece comes to: where it ends, and each entry of the call with its position. */
export type WalkedPiece = {
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

/** Whether one of the entries led to the status that the receipt names. */
export function isLedTo({ id, status }: CallReceipt["call"], entries: readonly ReceiptEntry[]): boolean {
  return entries.some(
    ({ subject, subjectId, action }) => subject === "call" && subjectId === id && leadsTo.get(action) === status,
  );
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
