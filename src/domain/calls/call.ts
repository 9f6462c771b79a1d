/**
 * The states of a call and how it may move between them.
 *
 * No I/O and no clock. The same table is enforced again in SQL (`… WHERE status = …`): what is written here is what
 * people and code may expect, what is written there is what cannot be got around.
 */

/**
 * How far *placing* has come. The result of the call itself is its {@link Outcome}.
 *
 * - `skipped`: the rule decided against a call. Terminal; the reason says why.
 * - `held`: a call that waits for a person (burst, placeholder). Leaves to `queued` or `canceled`.
 * - `queued`: owed, and due at `due_at`. Leaves by a claim, by a person, or because it is too late.
 * - `dialing`: claimed, with a lease. The POST may or may not have left. Leaves by Mihu's answer or the lease's end. If it comes back to the
 *   queue and was stopped meanwhile, it is canceled.
 * - `unknown`: the call may have rung. Never dialled again; looked up, then put before a person.
 * - `review`: before a person, who says whether it rang. Of what waits or is dialing only a call that its line has dialled already
 *   comes here: the database went back.
 * - `placed`: Mihu said that it has the call. Leaves by the outcome.
 * - `ended`: the outcome is known. Terminal.
 * - `rejected`: Mihu refused this one call for good. Terminal.
 * - `expired`: could not be placed in time. Terminal.
 * - `canceled`: a person, a later event or a suppression withdrew it. Terminal.
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

/** Statuses in which no line has the call: it can be canceled. */
export const waitingStatuses = ["queued", "held"] as const satisfies readonly CallStatus[];

/** Result of a placed call. Mihu's own word is stored beside it. */
export const outcomes = ["completed", "no_answer", "busy", "failed", "canceled", "voicemail", "unspecified"] as const;
export type Outcome = (typeof outcomes)[number];

/** Every allowed move. A status without moves is terminal. */
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

/** @returns whether nothing can move a call of this status any more. */
function isTerminal(status: CallStatus): boolean {
  return transitions[status].length === 0;
}

/** Nothing will be read again of a call that has ended: only then may its number and its texts be erased. */
export const erasable: readonly CallStatus[] = callStatuses.filter(isTerminal);

/** Whether two of Mihu's ids are one: UUIDs are the same in capitals (RFC 9562, section 4). */
export function sameId(one: string | null, other: string): boolean {
  return one !== null && one.toLowerCase() === other.toLowerCase();
}

/** The record in the CRM that an event or call is about. */
export type CrmRecord = { readonly type: string; readonly id: string };
