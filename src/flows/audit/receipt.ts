/** Receipt: what was done to a call and not who read it, once all of its entries stand under a signed head. */
import { digestOf, type Sha256 } from "../../domain/audit/chain.ts";
import type { CallReceipt, ReceiptContent, ReceiptEntry, ReceiptPiece } from "../../domain/audit/receipt.ts";
import type { LinkedEntry, Notary, ReceiptStore, Signer } from "../../ports/audit/chain.ts";
import type { Clock } from "../../ports/runtime.ts";
import { issuer } from "./extend-chain.ts";

/** Tries of a receipt whose entries wait for a transaction to end. */
const receiptTriesMax = 8;

type ReceiptPorts = {
  clock: Clock;
  receipts: ReceiptStore;
  notary: Pick<Notary, "seal">;
  signer: Signer;
  identity: { sha256Hex: Sha256 };
};

export const receiptType = "hookline-receipt+jws";

/** What the receipt says of the call itself, and which entries' data its reader may see. */
type ReceiptView = {
  readonly call: CallReceipt["call"];
  /** Whether values that erasure takes are shown, so that their commitment can be checked. */
  readonly withContent: boolean;
  maySee(data: string): boolean;
};

/**
 * Entries that are not linked yet are linked now; a transaction that holds them up is waited for, some two seconds.
 *
 * @returns the receipt as a JWS. `null`: an entry cannot be linked at the moment, since a transaction is under way or the stored chain
 *   is not the one that was signed
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
