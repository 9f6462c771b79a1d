/** Whether a change was confirmed by all objects that use it. */
import * as z from "zod";
import type { Io } from "./command.ts";

/** Part of the answers to changes. Absent from a service of an older version. */
const confirmation = z.looseObject({
  confirmed: z.boolean(),
  until: z.string().optional(),
  detail: z.string().optional(),
});

/** Prints whether the change is already in effect everywhere. */
export function sayConfirmation(io: Io, answer: unknown): void {
  if (confirmation.safeParse(answer).data?.confirmed) io.out("confirmed: the change holds everywhere");
  else sayUnconfirmed(io, answer);
}

/** Prints the time until which an object may use the older state. Prints nothing if no object uses it. */
export function sayUnconfirmed(io: Io, answer: unknown): void {
  const read = confirmation.safeParse(answer);
  if (!read.success || read.data.confirmed) return;
  const { until, detail = "Some Workers or inboxes may still use the old configuration." } = read.data;
  io.out(`not confirmed: the change is stored, and holds everywhere from ${until} on. ${detail}`);
}
