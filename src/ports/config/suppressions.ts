/** Numbers that are not to be rung. Types only. */

export type SuppressionRow = {
  number: string;
  reason: string;
  until: number | null;
  createdAt: number;
  createdBy: string;
};
