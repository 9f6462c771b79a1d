/** Cancel: a call that waits is not placed. A claim that was faster wins, and the answer says so. */
import type { PersonAct, PersonStore } from "../ports/persons.ts";
import { type Decided, decide, done } from "./decide.ts";

/** `queued` or `held` → `canceled`. */
export async function cancelCall(
  ports: { persons: PersonStore },
  id: string,
  act: PersonAct & { reason: string },
): Promise<Decided> {
  return await decide(ports.persons, id, "cancel", async (call) =>
    (await ports.persons.cancel(id, act)) ? done(call) : "moved",
  );
}
