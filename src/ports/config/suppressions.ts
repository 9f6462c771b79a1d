/** Suppressed numbers. Types only. */
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
  /** Also stops waiting and claimed calls to the number. */
  suppress(row: Omit<SuppressionRow, "createdAt">): Promise<CallsStop>;
  /** @returns False if the number was not suppressed. */
  release(number: string, actor: string): Promise<boolean>;
};
