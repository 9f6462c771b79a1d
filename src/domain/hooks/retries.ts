/**
 * When a delivery is sent again, and what an answer of the receiver means.
 *
 * | answer                              | means                                                      |
 * | ----------------------------------- | ---------------------------------------------------------- |
 * | 2xx                                 | delivered                                                  |
 * | 410                                 | the receiver is gone: the hook ends                        |
 * | 408, 425, 429                       | later                                                      |
 * | another 4xx                         | later; after three tries given up, and the next event passes |
 * | 1xx, 3xx (never followed), 5xx, none | later                                                      |
 *
 * Ten tries, then given up.
 */

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Pauses after the first try, the second, and so on. */
const retryPausesMs: readonly number[] = [
  5_000,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  24 * hourMs,
];

/** Tries of one delivery. */
const deliveryTriesMax = retryPausesMs.length + 1;

/** Tries of a delivery that the receiver refuses. */
const refusedTriesMax = 3;

/** The part of a pause that chance adds, so that deliveries which failed together do not return together. */
const jitterPart = 0.1;

/** Longest `Retry-After` that is obeyed. */
export const retryAfterMsMax = 24 * hourMs;

/** `status`: null if there was no answer. `retryAfterMs`: of `Retry-After`, null without one. */
type ReceiverAnswer = { readonly status: number | null; readonly retryAfterMs: number | null };

export type DeliveryVerdict =
  | { readonly is: "delivered" }
  | { readonly is: "retry"; readonly afterMs: number }
  | { readonly is: "give_up"; readonly reason: "receiver_refuses" | "tries_used_up" }
  | { readonly is: "end_hook"; readonly reason: "receiver_gone" };

/**
 * @param tries Tries of the delivery so far, this one included.
 * @param random A random number from 0 to 1.
 */
export function verdictOn({ status, retryAfterMs }: ReceiverAnswer, tries: number, random: number): DeliveryVerdict {
  if (status !== null && status >= 200 && status < 300) return { is: "delivered" };
  if (status === 410) return { is: "end_hook", reason: "receiver_gone" };
  if (status !== null && isRefusal(status) && tries >= refusedTriesMax)
    return { is: "give_up", reason: "receiver_refuses" };
  if (tries >= deliveryTriesMax) return { is: "give_up", reason: "tries_used_up" };
  return { is: "retry", afterMs: pauseAfter(tries, retryAfterMs, random) };
}

function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 425 && status !== 429;
}

/** `Retry-After` only makes a pause longer. Otherwise a receiver that names short ones would use up the tries in minutes. */
function pauseAfter(tries: number, retryAfterMs: number | null, random: number): number {
  const planned = retryPausesMs[Math.max(0, tries - 1)] ?? retryAfterMsMax;
  const wanted = Math.min(Math.max(retryAfterMs ?? 0, 0), retryAfterMsMax);
  return Math.ceil(Math.max(planned, wanted) * (1 + jitterPart * random));
}
