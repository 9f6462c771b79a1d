/**
 * Verifies a receipt with the public keys alone: the command line and the page of an evidence bundle both run this.
 *
 * Checked, in this order: the receipt's signature; each head's signature; each included entry's hash, and the chain from it to its head;
 * that the entries are about this call; that the newest move led to the receipt's status; that number and texts, if they are there, are
 * those that the call's making committed to.
 */
import { contentText } from "../../domain/audit/call-content.ts";
import { type ChainPoint, canonicalEntry, linkText, type Sha256 } from "../../domain/audit/chain.ts";
import {
  type CallReceipt,
  leadsTo,
  type ReceiptContent,
  type ReceiptEntry,
  type ReceiptPiece,
} from "../../domain/audit/receipt.ts";

/** A failed check as a sentence without its full stop. */
type Unverified = { readonly ok: false; readonly reason: string };

/** Hashes and signatures, as Node or a browser computes them. */
export type VerifierTools<Head extends ChainPoint> = {
  readonly sha256: AnySha256;
  /** HMAC-SHA256 of a text under a salt, in lower-case hex. */
  commitment(salt: string, text: string): string | Promise<string>;
  /** The receipt in a JWS, if its signature is valid. */
  receipt(jws: string): Promise<{ readonly ok: true; readonly receipt: CallReceipt } | Unverified>;
  /** The head in a JWS, if its signature is valid. */
  head(jws: string): Promise<{ readonly ok: true; readonly head: Head } | Unverified>;
};

/** An entry that is proven to stand at its position under a head. */
type ProvenEntry<Head> = ReceiptEntry & { readonly position: number; readonly head: Head };

type VerifiedReceipt<Head> = {
  readonly ok: true;
  readonly receipt: CallReceipt;
  readonly heads: readonly Head[];
  readonly entries: readonly ProvenEntry<Head>[];
};

/** @returns The proven entries, or the first check that failed. */
export async function verifyReceipt<Head extends ChainPoint>(
  jws: string,
  tools: VerifierTools<Head>,
): Promise<VerifiedReceipt<Head> | Unverified> {
  const signed = await tools.receipt(jws);
  if (!signed.ok) return signed;
  const { call, content, pieces } = signed.receipt;
  const heads: Head[] = [];
  const entries: ProvenEntry<Head>[] = [];
  for (const piece of pieces) {
    const found = await tools.head(piece.head);
    if (!found.ok) return unverified(`the head after position ${piece.from}: ${found.reason}`);
    const { head } = found;
    const walked = await walkPiece(piece, tools.sha256);
    if (walked === null) return unverified(`an entry after position ${piece.from} has other data than was hashed`);
    if (walked.end.position !== head.position || walked.end.hash !== head.hash)
      return unverified(
        `the entries from position ${piece.from} do not lead to the head that was signed for ${head.position}`,
      );
    const strange = walked.entries.find(({ subjectId }) => subjectId !== call.id && subjectId !== call.event_id);
    if (strange !== undefined) return unverified(`the entry at position ${strange.position} is about something else`);
    heads.push(head);
    entries.push(...walked.entries.map((entry) => ({ ...entry, head })));
  }
  if (!isLedTo(call, entries))
    return unverified(
      `it says that the call is ${[call.status, call.outcome].filter(Boolean).join(", ")}, and none of its entries led to that`,
    );
  if (content !== undefined && !(await isCommitted(content, entries, tools.commitment)))
    return unverified("its number and texts are not those that the call's entries commit to");
  return { ok: true, receipt: signed.receipt, heads, entries };
}

function unverified(reason: string): Unverified {
  return { ok: false, reason };
}

/** Result of verifying a piece: the piece's last position and hash, and the call's entries with their positions. */
type WalkedPiece = {
  readonly end: ChainPoint;
  readonly entries: readonly (ReceiptEntry & { position: number })[];
};

/** SHA-256 as Node and browsers have it: a browser's answers later. */
type AnySha256 = (...given: Parameters<Sha256>) => string | Promise<string>;

/** Verifies a piece. Null: an entry's data does not match its hash. */
export async function walkPiece(piece: ReceiptPiece, sha256: AnySha256): Promise<WalkedPiece | null> {
  let end: ChainPoint = { position: piece.from - 1, hash: piece.previous };
  const entries: (ReceiptEntry & { position: number })[] = [];
  for (const item of piece.entries) {
    const position = end.position + 1;
    if (typeof item !== "string") {
      if (item.data !== undefined && (await sha256(item.data)) !== item.dataHash) return null;
      entries.push({ ...item, position });
    }
    const digest = typeof item === "string" ? item : await sha256(canonicalEntry(item));
    end = { position, hash: await sha256(linkText(end.hash, digest)) };
  }
  return { end, entries };
}

/**
 * Whether the newest move among the entries led to the receipt's status, and the receipt's outcome equals the outcome
 * in the entry about the call's end. Every receipt contains the newest moves.
 */
function isLedTo({ id, status, outcome }: CallReceipt["call"], entries: readonly ReceiptEntry[]): boolean {
  const moves = entries
    .filter(({ subject, subjectId, action }) => subject === "call" && subjectId === id && leadsTo.has(action))
    .sort((one, other) => one.id - other.id);
  const last = moves.at(-1);
  if (last === undefined || leadsTo.get(last.action) !== status) return false;
  const told = last.data === undefined || last.action !== "ended" ? outcome : JSON.parse(last.data).outcome;
  return (told ?? null) === (outcome ?? null);
}

/**
 * Whether a content matches the commitment of an entry.
 *
 * @param hmac HMAC-SHA256 of a text under a salt, in lower-case hex.
 */
async function isCommitted(
  { salt, ...content }: ReceiptContent,
  entries: readonly ReceiptEntry[],
  hmac: (salt: string, text: string) => string | Promise<string>,
): Promise<boolean> {
  const wanted = await hmac(salt, contentText(content));
  return entries.some(({ data }) => data !== undefined && JSON.parse(data).content === wanted);
}
