/** Look-ups of everything about one order. Times are epoch milliseconds. Types only. */
import type { DeliveryState } from "../../domain/hooks/hook.ts";
import type { VerdictRow } from "./calls.ts";
import type { EntryRow } from "./entries.ts";

/** One thing that a hook was told, or is to be told, about a call. */
export type ToldRow = {
  /** Id of the delivery. */
  readonly id: string;
  readonly call: string;
  readonly hook: string;
  readonly type: string;
  readonly state: DeliveryState;
  readonly tries: number;
  readonly at: number;
  readonly doneAt: number | null;
  /** Name of the token that made the hook. */
  readonly owner: string;
  /** Host of its target: the rest of the address may be a secret. */
  readonly host: string;
};

/** A person's note on an order. The text is null once it is erased. */
export type NoteRow = {
  readonly id: string;
  readonly at: number;
  readonly actor: string;
  readonly source: string | null;
  readonly text: string | null;
};

export type OrderSteps = {
  /** Steps of the calls and the events, without readings, oldest first. */
  readonly entries: readonly EntryRow[];
  readonly verdicts: readonly (VerdictRow & { readonly call: string })[];
  readonly told: readonly ToldRow[];
  readonly notes: readonly NoteRow[];
  /** Pauses of the calls' lines and their ends, oldest first. The newest are kept. */
  readonly pauses: readonly EntryRow[];
  /** Whether one of the lists is cut. */
  readonly more: boolean;
};

/** Ids of an order's calls and events, and slugs of its calls' lines. */
export type OrderIds = {
  readonly calls: readonly string[];
  readonly events: readonly string[];
  readonly lines: readonly string[];
};

export type OrderLookups = {
  /** Steps of these calls and events, the pauses of these lines, and the notes on the order. */
  orderSteps(orderNumberKey: string, ids: OrderIds): Promise<OrderSteps>;
  /** Deliveries to hooks about these calls, in the order in which they were made. The newest are kept. */
  told(calls: readonly string[]): Promise<readonly ToldRow[]>;
  /** Names of tokens by their ids. An unknown id is not among them. */
  tokenNames(jtis: readonly string[]): Promise<ReadonlyMap<string, string>>;
};
