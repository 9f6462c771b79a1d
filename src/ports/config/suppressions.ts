/** Numbers that are not to be rung. Types only. */
import type { CallsStop } from "../calling/stops.ts";

export type SuppressionRow = {
  number: string;
  reason: string;
  until: number | null;
  createdAt: number;
  createdBy: string;
};

export type SuppressionStore = {
  suppressions(): Promise<SuppressionRow[]>;
  /** Also stops the calls of the number that wait or are claimed. */
  suppress(row: Omit<SuppressionRow, "createdAt">): Promise<CallsStop>;
  /** @returns `false`: it was not suppressed */
  release(number: string, actor: string): Promise<boolean>;
};
