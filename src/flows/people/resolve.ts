/**
 * Resolve: a person says whether a call in `review` rang.
 *
 * | the person says           | the call                                            |
 * | ------------------------- | --------------------------------------------------- |
 * | it rang                   | `placed`: its outcome is read from Mihu             |
 * | it did not ring, close it | `canceled`                                          |
 * | it did not ring, dial it  | `canceled`, and a further try, which is another row |
 */
import type { PersonAct } from "../../ports/person-act.ts";
import { makeFurtherTry } from "./call-again.ts";
import { type DecidePorts, type DecisionResult, decide, done } from "./decide.ts";

/** A person's statement about a call in `review`. */
export type Resolution =
  | { readonly rang: true; readonly conversation_uuid?: string | undefined }
  | { readonly rang: false; readonly then: "dial" | "close"; readonly reason: string };

/** Moves a call out of `review`. @param actor Name of the person in the entry. */
export async function resolveCall(
  ports: DecidePorts,
  id: string,
  resolution: Resolution,
  actor: string,
): Promise<DecisionResult> {
  return await decide(ports.decisions, id, "resolve", async (call) => {
    if (!resolution.rang) {
      const act: PersonAct & { reason: string } = { actor, reason: resolution.reason };
      if (resolution.then === "dial") return await makeFurtherTry(ports, call, "resolve", act);
      return (await ports.decisions.close([id], act)).includes(id) ? done(call) : "moved";
    }
    const conversationUuid = resolution.conversation_uuid ?? call.conversationUuid;
    // Without a conversation or a call id, Mihu could never be asked for the outcome.
    if (conversationUuid === null && call.mihuId === null) return { ok: false, why: "conversation_missing" };
    const ends = await ports.decisions.rang([{ id, conversationUuid }], { actor, reason: null });
    const end = ends.get(id) ?? "moved";
    if (end === "taken") return { ok: false, why: "conversation_taken" };
    return end === "moved" ? "moved" : done(call);
  });
}
