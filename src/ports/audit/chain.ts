/** Ports of the audit chain, for the notary and for receipts. Types only. */
import type { ChainEntry, ChainPoint, Link } from "../../domain/audit/chain.ts";
import type { ReceiptContent } from "../../domain/audit/receipt.ts";

/** A signed head: the state of the chain up to a position. `at` is in epoch milliseconds. */
export type Head = ChainPoint & { readonly at: number; readonly kid: string; readonly jws: string };

/** Place of an entry in the order of linking. */
export type EntryPosition = { readonly tx: string; readonly id: number };

/** Entries to link. */
export type ToLink = {
  /** End of the stored chain. */
  last: ChainPoint;
  /** The hash at the requested position; null if the stored chain is shorter. */
  knownHash: string | null;
  /** Entries after the end of the chain, in its order. No running transaction can still add one before any of them. */
  entries: ChainEntry[];
  /** Position that this search reached, if more entries may follow. */
  walked: EntryPosition | null;
  /** Whether entries wait for a transaction that was running when theirs committed. */
  waiting: boolean;
  /** Whether a running transaction may add entries. */
  writing: boolean;
};

/** Store of the notary. */
export type ChainStore = {
  /**
   * @param known Position whose hash is returned.
   * @param from Position reached by an earlier search that found nothing; null to begin at the end of the chain.
   */
  next(limit: number, known: number, from: EntryPosition | null): Promise<ToLink>;
  /** Writes links and heads after `after`. False if the chain no longer ends there; then nothing is written. */
  link(after: ChainPoint, links: Link[], heads: Head[]): Promise<boolean>;
  /** Hashes of the stored chain at these positions. */
  hashes(positions: number[]): Promise<ChainPoint[]>;
  /** Writes an entry about the chain itself. */
  note(action: string, actor: string, data: Record<string, unknown>): Promise<void>;
};

/** The notary's own copy of signed heads, outside Postgres. */
export type HeadMemory = {
  /** The newest signed head; null before the first. */
  last(): Head | null;
  store(head: Head): void;
};

/** Signs with this service's key. */
export type Signer = {
  /** @returns The JWS (compact, ES256) with this `typ`, and the id of its key. */
  sign(typ: string, claims: Record<string, unknown>): Promise<{ kid: string; jws: string }>;
};

/** The stored chain is not the signed one: it ends before the newest head, or its hash at that position differs. */
export type ChainProblem = {
  readonly kind: "behind" | "differs";
  /** Position of the notary's head. */
  readonly position: number;
  /** End of the stored chain. */
  readonly found: number;
  readonly since: number;
};

/** State of the notary. */
export type NotaryState = { readonly heads: Head[]; readonly problem: ChainProblem | null };

/** The notary, for its callers. */
export type Notary = {
  /** New entries exist. At most one poke per second is sent, and covers the others. Never rejects. */
  poke(): Promise<void>;
  /** Whether there were hooks at the last poke: then entries have to be told. */
  hasHooks(): boolean;
  /** Tells those who poke from now on whether there are hooks. */
  announceHooks(exist: boolean): Promise<void>;
  /**
   * Links all entries that can be linked now. False if the stored chain is not the signed one, so linking is refused.
   */
  seal(): Promise<boolean>;
  /** The stored heads, oldest first. */
  state(): Promise<NotaryState>;
  /**
   * Signs the chain of a restored database from now on, after a person confirmed the restore. Null if the chain has no
   * problem.
   */
  restored(actor: string, reason: string): Promise<{ kept: number; dropped: number } | null>;
};

/** An entry of a receipt; `position` is null before the entry is linked. */
export type LinkedEntry = ChainEntry & { position: number | null };

/** Part of the chain: the entries from `from` up to a head. */
export type ChainPiece = { previous: string; from: number; head: Head; entries: (ChainEntry & { hash: string })[] };

/** Store of receipts. */
export type ReceiptStore = {
  /**
   * Entries of a call and its event, in the order of the chain, without those of reads. `more`: the list is incomplete.
   */
  entriesOf(callId: string, eventId: string): Promise<{ entries: LinkedEntry[]; more: boolean }>;
  /** Parts of the chain that hold these positions. Null if a head over one of them is missing, or too far away. */
  pieces(positions: number[]): Promise<ChainPiece[] | null>;
  /** Columns of a call's row that differ from its entries, read in one snapshot. */
  differs(callId: string): Promise<readonly string[]>;
  /** Content that a call's first entry commits to, with its salt. Null if it was erased or never written. */
  contentOf(callId: string): Promise<ReceiptContent | null>;
};
