/** A person's act. Types only. */

/** Who decides about a call, and why. */
export type PersonAct = { actor: string; reason: string | null };
