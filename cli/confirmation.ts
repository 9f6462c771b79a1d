/** Whether a change of the service was confirmed by every inbox. */
import * as z from "zod";
import type { Io } from "./command.ts";

/** A part of the answers to changes. A service of an older version says nothing. */
const confirmation = z.looseObject({ confirmed: z.boolean(), until: z.string().optional() });

/** Prints whether every inbox has the change that was answered. */
export function sayConfirmation(io: Io, answer: unknown): void {
  const read = confirmation.safeParse(answer);
  if (!read.success) return;
  const { confirmed, until } = read.data;
  if (confirmed) io.out("confirmed: every inbox has the change");
  else
    io.out(
      `not confirmed: an inbox could not be reached. The change holds; only if Postgres goes down before ${until} may that inbox still go by what was before`,
    );
}
