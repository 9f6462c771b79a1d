/** A person's act. Types only. */

/** The person who decides about a call, and the reason. */
export type PersonAct = { actor: string; reason: string | null };
