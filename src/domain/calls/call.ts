/**
 * The states of a call and its moves between them. No I/O and no clock. SQL enforces the same table (`… WHERE status =
 * …`): this one is what people and code may expect, and SQL's cannot be bypassed.
 */

/**
 * How far *placing* a call has come. The result of the call itself is its {@link Outcome}.
 *
 * - `skipped`: the rule decided against a call. Terminal; the reason says why.
 * - `held`: waits for a person (burst, placeholder). Moves to `queued` or `canceled`.
 * - `queued`: to be placed, at `due_at`. Moves by a claim, by a person, or because it is too late.
 * - `dialing`: claimed, with a lease. The POST may have been sent. Moves by Mihu's answer or the end of the lease. If
 *   it returns to the queue and was stopped meanwhile, it is canceled.
 * - `unknown`: may have rung. Never dialled again; looked up, then reviewed by a person.
 * - `review`: a person decides whether it rang. A queued or dialing call gets here only if its line has already dialled
 *   it and Postgres was restored from a backup.
 * - `placed`: Mihu confirmed that it has the call. Moves by the outcome.
 * - `ended`: the outcome is known. Terminal.
 * - `rejected`: Mihu refused this one call for good. Terminal.
 * - `expired`: could not be placed in time. Terminal.
 * - `canceled`: withdrawn by a person, a later event or a suppression. Terminal.
 */
export const callStatuses = [
  "skipped",
  "held",
  "queued",
  "dialing",
  "unknown",
  "review",
  "placed",
  "ended",
  "rejected",
  "expired",
  "canceled",
] as const;
export type CallStatus = (typeof callStatuses)[number];

/** Statuses in which no line has the call, so that it can be canceled. */
export const waitingStatuses = ["queued", "held"] as const satisfies readonly CallStatus[];

/** Result of a placed call. Mihu's own word is stored beside it. */
export const outcomes = ["completed", "no_answer", "busy", "failed", "canceled", "voicemail", "unspecified"] as const;
export type Outcome = (typeof outcomes)[number];

/** All allowed moves. A status without moves is terminal. */
export const transitions: Readonly<Record<CallStatus, readonly CallStatus[]>> = {
  skipped: [],
  held: ["queued", "canceled", "review"],
  queued: ["dialing", "expired", "canceled", "review"],
  dialing: ["placed", "rejected", "queued", "canceled", "unknown", "review"],
  unknown: ["placed", "review"],
  review: ["placed", "canceled"],
  placed: ["ended"],
  ended: [],
  rejected: [],
  expired: [],
  canceled: [],
};

/** @returns Whether a call of this status can no longer move. */
export function isTerminal(status: CallStatus): boolean {
  return transitions[status].length === 0;
}

/** Statuses of calls that are over. Only then may number and texts be erased, because nothing reads them again. */
export const erasable: readonly CallStatus[] = callStatuses.filter(isTerminal);

/** Whether two of Mihu's ids are equal. UUIDs are case-insensitive (RFC 9562, section 4). */
export function sameId(one: string | null, other: string): boolean {
  return one !== null && one.toLowerCase() === other.toLowerCase();
}

/** The record in the CRM that an event or call is about. */
export type CrmRecord = { readonly type: string; readonly id: string };
