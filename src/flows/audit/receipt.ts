/**
 * Receipt of a call: its changes, without who read it. A receipt is made once all entries of the call are under a
 * signed head.
 */
import { digestOf, type Sha256 } from "../../domain/audit/chain.ts";
import type { CallReceipt, ReceiptContent, ReceiptEntry, ReceiptPiece } from "../../domain/audit/receipt.ts";
import type { LinkedEntry, Notary, ReceiptStore, Signer } from "../../ports/audit/chain.ts";
import type { Clock } from "../../ports/runtime.ts";
import { issuer } from "./extend-chain.ts";

/** Attempts for a receipt while a transaction delays its entries. */
const receiptTriesMax = 8;

type ReceiptPorts = {
  clock: Clock;
  receipts: ReceiptStore;
  notary: Pick<Notary, "seal">;
  signer: Signer;
  identity: { sha256Hex: Sha256 };
};

export const receiptType = "hookline-receipt+jws";

/** The receipt's own claims, and the entries whose data its reader may see. */
type ReceiptView = {
  readonly call: CallReceipt["call"];
  /** Whether erasable values are included, so that a reader can check their commitments. */
  readonly withContent: boolean;
  maySee(data: string): boolean;
};

/**
 * Links the call's new entries first. A transaction that delays them is awaited for about two seconds.
 *
 * @returns The receipt as a JWS. Null if an entry cannot be linked now: a transaction is running, or the stored chain
 *   is not the signed one.
 */
export async function makeReceipt(ports: ReceiptPorts, view: ReceiptView): Promise<string | null> {
  const { id, event_id: eventId } = view.call;
  let known = await ports.receipts.entriesOf(id, eventId);
  for (let tries = 0; tries < receiptTriesMax && known.entries.some(isLoose); tries++) {
    if (!(await ports.notary.seal())) return null;
    known = await ports.receipts.entriesOf(id, eventId);
  }
  const { entries, more } = known;
  const positions = entries.flatMap(({ position }) => position ?? []);
  if (positions.length < entries.length) return null;
  const pieces = await ports.receipts.pieces(positions);
  if (pieces === null) return null;
  const mine = new Set(entries.map((entry) => entry.id));
  const { sha256Hex } = ports.identity;
  const shown = pieces.map(
    ({ previous, from, head, entries: all }): ReceiptPiece => ({
      previous,
      from,
      head: head.jws,
      entries: all.map((entry) =>
        mine.has(entry.id) ? openEntry(entry, view, sha256Hex) : digestOf(entry, sha256Hex),
      ),
    }),
  );
  const content: ReceiptContent | null = view.withContent ? await ports.receipts.contentOf(id) : null;
  const receipt: CallReceipt = {
    iss: issuer,
    at: new Date(ports.clock.now()).toISOString(),
    call: view.call,
    ...(content === null ? {} : { content }),
    ...(more ? { more } : {}),
    pieces: shown,
  };
  const { jws } = await ports.signer.sign(receiptType, receipt);
  return jws;
}

function isLoose({ position }: LinkedEntry): boolean {
  return position === null;
}

function openEntry(
  { id, at, tx, subject, subjectId, action, actor, reason, data }: LinkedEntry | Omit<LinkedEntry, "position">,
  view: ReceiptView,
  sha256: Sha256,
): ReceiptEntry {
  const open = { id, at, tx, subject, subjectId, action, actor, reason, dataHash: sha256(data) };
  return view.maySee(data) ? { ...open, data } : open;
}
