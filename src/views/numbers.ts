/** Numbers for people. */

/** Making a format costs far more than using it. */
const format = new Intl.NumberFormat("en-US");

/** @returns `1,204` */
export function groupedNumber(value: number): string {
  return format.format(value);
}
