/** What the notary and receipts need of the audit chain. Types only. */
import type { ChainEntry, ChainPoint, Link } from "../../domain/audit/chain.ts";
import type { ReceiptContent } from "../../domain/audit/receipt.ts";

/** A signed head: so far the chain was so. `at` is epoch milliseconds. */
export type Head = ChainPoint & { readonly at: number; readonly kid: string; readonly jws: string };

/** An entry's place in the order in which entries are linked. */
export type EntryPosition = { readonly tx: string; readonly id: number };

/** What there is to link. */
export type ToLink = {
  /** Where the stored chain ends. */
  last: ChainPoint;
  /** The hash at the position that was asked about; `null`: the chain does not reach it. */
  knownHash: string | null;
  /** Entries after the chain's end, in the chain's order. No commit that is under way can come before any of them. */
  entries: ChainEntry[];
  /** How far this look came, when there may be more beyond. */
  walked: EntryPosition | null;
  /** Entries that have to wait for a transaction that began before theirs ended. */
  waiting: boolean;
  /** A transaction is under way that may add entries. */
  writing: boolean;
};

/** The notary's store. */
export type ChainStore = {
  /**
   * @param known the position whose hash is wanted
   * @param from where an earlier look stopped that found nothing; `null`: the place that the chain has reached
   */
  next(limit: number, known: number, from: EntryPosition | null): Promise<ToLink>;
  /** Writes links and heads right after `after`. `false`: the chain does not end there (any more), and nothing was written. */
  link(after: ChainPoint, links: Link[], heads: Head[]): Promise<boolean>;
  /** The hashes that the stored chain has at these positions. */
  hashes(positions: number[]): Promise<ChainPoint[]>;
  /** Writes an entry about the chain itself. */
  note(action: string, actor: string, data: Record<string, unknown>): Promise<void>;
};

/** The notary's own heads, stored outside of Postgres. */
export type HeadMemory = {
  /** The newest head that was signed; `null`: none yet. */
  last(): Head | null;
  store(head: Head): void;
};

/** Signs as this service. */
export type Signer = {
  /** @returns the JWS (compact, ES256) with this `typ`, and the id of its key */
  sign(typ: string, claims: Record<string, unknown>): Promise<{ kid: string; jws: string }>;
};

/** The stored chain is not the one that was signed: it ends before the newest head, or has another hash at its position. */
export type ChainProblem = {
  readonly kind: "behind" | "differs";
  /** The head that the notary keeps. */
  readonly position: number;
  /** Where the stored chain ends. */
  readonly found: number;
  readonly since: number;
};

/** What the notary answers when it is asked how it stands. */
export type NotaryState = { readonly heads: Head[]; readonly problem: ChainProblem | null };

/** The notary as its callers see it. */
export type Notary = {
  /** There are new entries. At most one a second goes through; the others are covered by it. Never rejects. */
  poke(): Promise<void>;
  /** Links what can be linked, now. `false`: it may not, since the stored chain is not the one that was signed. */
  seal(): Promise<boolean>;
  /** The kept heads, oldest first. */
  state(): Promise<NotaryState>;
  /** A person says that the database was restored: from now on its chain is signed. `null`: there was nothing to say so about. */
  restored(actor: string, reason: string): Promise<{ kept: number; dropped: number } | null>;
};

/** An entry in the chain, as a receipt shows it; `position` is `null` before it is linked. */
export type LinkedEntry = ChainEntry & { position: number | null };

/** A piece of the chain: the entries from `from` up to a head. */
export type ChainPiece = { previous: string; from: number; head: Head; entries: (ChainEntry & { hash: string })[] };

/** What receipts read. */
export type ReceiptStore = {
  /** What was done to a call and to its event, in the chain's order; not who read it. `more`: there are others beside these. */
  entriesOf(callId: string, eventId: string): Promise<{ entries: LinkedEntry[]; more: boolean }>;
  /** The pieces that hold these positions. `null`: a head over one of them is missing, or too far away. */
  pieces(positions: number[]): Promise<ChainPiece[] | null>;
  /** Columns of a call's row that are not what its entries say, read in one snapshot. */
  differs(callId: string): Promise<readonly string[]>;
  /** What a call's first entry commits to, with its salt. `null`: it was erased, or never written. */
  contentOf(callId: string): Promise<ReceiptContent | null>;
};
