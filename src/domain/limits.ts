/** Every limit of the service, with its unit in its name and its reason beside it. */

/** One webhook's body. Larger than any CRM sends, small enough for an object's 128 MB with hundreds in flight. */
export const bodyBytesMax = 1_048_576;

/** Events that one request may carry. HubSpot and Salesforce stop at 100. */
export const eventsPerRequestMax = 1_000;

/** A path key (`/in/:source/:key`) and a header that is kept. */
export const headerCharactersMax = 1_024;

/** Events that one commit of the inbox takes; keeps a statement's JSON parameter at a few megabytes. */
export const eventsPerCommitMax = 1_000;

/** Bytes of bodies that one commit takes. */
export const commitBytesMax = 4_194_304;

/** How long Postgres may take to commit a batch before the inbox gives the connection up: the strictest senders wait 5 s. */
export const commitTimeoutMs = 4_000;

/** Inbox objects that one source may have, each good for some hundreds of requests a second; and each keeps a connection. */
export const shardsMax = 16;

/** How long any other statement of an object may take before its connection is given up. */
export const statementTimeoutMs = 15_000;

/** How long an object's unused connection stays open: an open socket keeps the object in memory, and one of Hyperdrive's. */
export const connectionIdleMs = 1_000;

/** Events that wait in one inbox. Past it the answer is 503: better refused and redelivered than lost with the memory. */
export const eventsWaitingMax = 10_000;

/** Bytes of events that wait in one inbox, for their commit and for their plan each: an object has 128 MB. */
export const waitingBytesMax = 33_554_432;

/** POSTs to Mihu in flight from one line: Workers allow six connections that await headers, and Postgres needs one. */
export const postsAtOnceMax = 4;

/** How long Mihu may take to answer a POST; comparable APIs are known to answer after 20 s and to have rung. */
export const postTimeoutMs = 30_000;

/** How long a claimed call belongs to the line that claimed it. */
export const leaseMs = 75_000;

/** A POST is begun only while this much of the lease remains: the POST's own limit, and time to record its answer. */
export const leaseReserveMs = 35_000;

/** Calls that one claim takes. */
export const callsPerClaimMax = 64;

/**
 * A claim takes more than there are free POSTs only if all of it can be begun within this time: what was claimed and not begun when
 * an object dies is unknown as well, so a slow Mihu makes claims small, and a fast one makes round trips few.
 */
export const claimAheadMs = 100;

/** A placed call without an outcome counts as still going on for this long, and keeps its number. */
export const callSecondsMax = 600;

/** A slot of `calls_per_minute` frees this long after the answer: so no 60 s of the receiver's clock see more. */
export const paceWindowSeconds = 60;

/** Answers that wait this long for company before they are recorded, so that a busy line records in batches. */
export const recordLingerMs = 50;

/** Answers in one recording. */
export const recordsPerBatchMax = 64;

/** Attempts of a claim that met another line's claim of the same number. */
export const claimAttemptsMax = 3;

/** Rejections that are kept per source, and how often they are written at most. */
export const rejectionsPerSourceMax = 50;
export const rejectionWriteMs = 1_000;

/** Calls that a rule may make in its burst window when it does not say. */
export const burstDefault = { calls: 1_000, windowMs: 600_000 } as const;

/** What a line may place in a day (UTC), when it does not say. */
export const callsPerDayDefault = 1_000;

/** A line's pace when it does not say. */
export const callsPerMinuteDefault = 10;
export const callsAtOnceDefault = 3;

/** How long a call may wait to be placed, in open hours, when its rule does not say. */
export const expiresDefaultMs = 86_400_000;

/** How old a source's description may be in a Worker before it is asked for again. */
export const directoryFreshMs = 30_000;

/** After this long without news a placed call ends as `unspecified`. */
export const pollGiveUpMs = 86_400_000;

/** Placed calls that are asked after in one go. */
export const pollsPerRunMax = 20;

/**
 * When a call is looked up, counted from the moment at which it became unknown. A call that was not found at the last of
 * these is put before a person; by then the whole window in which its conversation may have begun is long over.
 */
export const looksAfterMs = [15_000, 60_000, 300_000] as const;

/** The longest pause before a list that cannot be read is asked for again. */
export const unreadablePauseMaxMs = 900_000;

/** Unknown calls that are looked up in one go, and how long that may take before the line dials on. */
export const looksPerRunMax = 10;
export const looksRunMs = 10_000;

/** How long a token may be valid. */
export const tokenDaysMax = 90;

/** How long a revoked token may still be believed by a Worker that has just seen it. */
export const tokenFreshMs = 30_000;

/** How long a sign-in of a person lasts. */
export const sessionMs = 43_200_000;
