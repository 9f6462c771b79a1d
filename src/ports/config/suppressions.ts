/** Suppressed numbers. Types only. */
import type { CallsStop } from "../calling/stops.ts";
import type { Cursor, Results } from "../page.ts";

export type SuppressionRow = {
  number: string;
  reason: string;
  until: number | null;
  createdAt: number;
  createdBy: string;
};

export type SuppressionStore = {
  suppressions(): Promise<SuppressionRow[]>;
  /** A page of all suppressions, by number: their only index. The cursor's `id` is a number. */
  suppressionsAfter(limit: number, after: Cursor | null): Promise<Results<SuppressionRow>>;
  /** Also stops waiting and claimed calls to the number. */
  suppress(row: Omit<SuppressionRow, "createdAt">): Promise<CallsStop>;
  /** @returns False if the number was not suppressed. */
  release(number: string, actor: string): Promise<boolean>;
};
