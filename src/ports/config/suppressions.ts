/** Numbers that are not to be rung. Types only. */

export type SuppressionRow = {
  number: string;
  reason: string;
  until: number | null;
  createdAt: number;
  createdBy: string;
};

export type SuppressionStore = {
  suppressions(): Promise<SuppressionRow[]>;
  /** Also cancels the calls that wait for the number. */
  suppress(row: Omit<SuppressionRow, "createdAt">): Promise<{ canceled: number }>;
  /** @returns `false`: it was not suppressed */
  release(number: string, actor: string): Promise<boolean>;
};
