/** A person's act. Types only. */

/** The person who decides about a call, and the reason. `task`: the task that carries the decision out. */
export type PersonAct = { actor: string; reason: string | null; task?: string };
