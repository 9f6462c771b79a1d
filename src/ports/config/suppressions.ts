/** Numbers that are not to be rung. Types only. */
import type { ClaimedOn } from "../calling/stops.ts";

export type SuppressionRow = {
  number: string;
  reason: string;
  until: number | null;
  createdAt: number;
  createdBy: string;
};

/** Calls that waited for the number and are canceled, and those that lines have claimed. */
export type Suppressed = { readonly canceled: number; readonly claimed: readonly ClaimedOn[] };

export type SuppressionStore = {
  suppressions(): Promise<SuppressionRow[]>;
  /** Also cancels the calls that wait for the number. A claimed one is canceled if it comes back. */
  suppress(row: Omit<SuppressionRow, "createdAt">): Promise<Suppressed>;
  /** @returns `false`: it was not suppressed */
  release(number: string, actor: string): Promise<boolean>;
};
