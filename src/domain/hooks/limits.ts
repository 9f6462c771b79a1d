/** Limits of hooks and deliveries. */

/** Hooks of a service. */
export const hooksMax = 1_000;

/** Time that a receiver has for its answer. */
export const postTimeoutMs = 15_000;

/** Longest time that a delivery is under way. After it, another dispatcher may deliver it again under the same id. */
export const deliveryLeaseMs = 60_000;

/** Bytes of bodies of one claim. One more body may exceed it. */
export const claimedBytesMax = 8_388_608;

/** POSTs under way to one hook. A Worker has six connections that wait for an answer. */
export const postsAtOnceMax = 4;

/** Deliveries that a notifier has at most. Even the last of them is sent within the lease. */
export const deliveriesAtOnceMax = 2 * postsAtOnceMax;

/** People get one message about the calls in review of {@link digestEverySeconds}, at most {@link digestedMax} of them. */
export const digestEverySeconds = 600;
export const digestedMax = 50;

/** Failed tries of one delivery after which the others are told. */
export const triesUntilToldAsFailing = 3;

/** Days of failure after which a hook is disabled. */
export const hookFailsDaysMax = 5;

/** Bytes of a receiver's answer that are stored. */
export const answerShownBytesMax = 2_048;

/** Days for which an ended delivery is stored. */
export const deliveriesKeptDays = 30;

/** Time for which the secret before a rotation signs too. */
export const formerSecretMs = 24 * 3_600_000;

/** Time for which entries and due deliveries may wait before it is a problem. */
export const hooksBehindMs = 5 * 60_000;
