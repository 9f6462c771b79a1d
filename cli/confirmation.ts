/** Whether a change of the service was confirmed by everybody who judges by it. */
import * as z from "zod";
import type { Io } from "./command.ts";

/** A part of the answers to changes. A service of an older version says nothing. */
const confirmation = z.looseObject({
  confirmed: z.boolean(),
  until: z.string().optional(),
  detail: z.string().optional(),
});

/** Prints whether the change that was answered holds everywhere already. */
export function sayConfirmation(io: Io, answer: unknown): void {
  if (confirmation.safeParse(answer).data?.confirmed) io.out("confirmed: the change holds everywhere");
  else sayUnconfirmed(io, answer);
}

/** Prints until when somebody may go by what was before; nothing if nobody does. */
export function sayUnconfirmed(io: Io, answer: unknown): void {
  const read = confirmation.safeParse(answer);
  if (!read.success || read.data.confirmed) return;
  const { until, detail = "Some may go by what was before." } = read.data;
  io.out(`not confirmed: the change is stored, and holds everywhere from ${until} on. ${detail}`);
}
