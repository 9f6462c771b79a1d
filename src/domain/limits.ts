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

/**
 * How long Postgres may take to commit a batch before the inbox gives the connection up and keeps the batch on its own disk: the
 * strictest senders wait 3 s.
 */
export const commitTimeoutMs = 1_000;

/** Events, and bytes of them, that one inbox keeps on its own disk while Postgres is away; past it the answer is 503. */
export const spillEventsMax = 500_000;
export const spillBytesMax = 536_870_912;

/** An event of the spill: a row of an object's SQLite may have 2 MB. */
export const spillRowBytesMax = 1_900_000;

/** Pauses between the tries of an inbox to reach Postgres: the first, and the longest. */
export const probePauseMinMs = 1_000;
export const probePauseMaxMs = 15_000;

/** How long one alarm of an inbox begins new work: the runtime allows 60 s, and a last statement and its plan may take 30. */
export const inboxAlarmMs = 25_000;

/** Pause before an event that Postgres refuses even as nothing but text is offered to it again. */
export const asidePauseMs = 300_000;

/** Events that are planned in one go: rendering and writing their calls has to take well less than an accept may wait. */
export const plansPerStatementMax = 200;

/** Inbox objects that one source may have, each good for some hundreds of requests a second; and each keeps a connection. */
export const shardsMax = 16;

/** How long any other statement of an object may take before its connection is given up. */
export const statementTimeoutMs = 15_000;

/** How long the first statement of an API's request or a page may take, and any other: Hyperdrive allows 60 s. */
export const firstStatementMs = 5_000;
export const requestStatementMs = 55_000;

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

/** A call that is unknown for this long after its claim is told in `/readyz`: lease, sweep and looks together take some nine minutes. */
export const looksOverdueMs = 900_000;

/** How long a person who pauses a line waits for its object to confirm it. */
export const haltWaitMs = 5_000;

/** The longest pause before a list that cannot be read is asked for again. */
export const unreadablePauseMaxMs = 900_000;

/** Unknown calls that are looked up in one go, and how long that may take before the line dials on. */
export const looksPerRunMax = 10;
export const looksRunMs = 10_000;

/** Older than this a signed body is taken for a replay where the event's id is not signed. Shopify, the slowest, redelivers for 48 h. */
export const replayAgeMs = 172_800_000;

/** Calls that one statement erases, and statements of one request: whoever was rung more often is erased in several requests. */
export const erasedPerStatementMax = 200;
export const eraseStatementsMax = 20;

/** Calls that cannot be erased yet and are named in an answer. */
export const eraseWaitingNamedMax = 50;

/** How long a conflict is told of as something that somebody should look at. */
export const conflictToldMs = 86_400_000;

/** How long it is known that a record was withdrawn: longer than a sender redelivers, and than a call waits. */
export const withdrawalsKeptMs = 2_592_000_000;

/** Calls that one request of a person may decide about at once: each has an entry and its verdicts, and all of it is one statement. */
export const callsPerBulkMax = 1_000;

/** How long a token may be valid. */
export const tokenDaysMax = 90;

/** How long a revoked token may still be believed by a Worker that has just seen it. */
export const tokenFreshMs = 30_000;

/** How long a sign-in of a person lasts. */
export const sessionMs = 43_200_000;

/** Reports of Mihu's that may wait in one line's object, and their bytes. Past it the answer is 503; what is not told is polled. */
export const newsWaitingMax = 20_000;
export const newsBytesMax = 67_108_864;

/** Reports that a line's object writes to Postgres in one statement, and conversations of them that it reads in one go. */
export const newsPerBatchMax = 200;
/** News that is little waits this long for company. */
export const newsLingerMs = 100;
/** A webhook waits this long for others, to be written to the object's disk together. */
export const newsWriteLingerMs = 5;
export const newsPerRunMax = 20;

/**
 * When news of a conversation that no call of ours has is looked at again: Mihu may tell of a call before its answer to the POST is
 * recorded. All of it is over before the first poll.
 */
export const newsLooksAfterMs = [1_000, 4_000, 10_000, 20_000] as const;

/** One stored report; longer ones are cut, values first. A transcript of minutes fits. */
export const reportCharactersMax = 16_384;

/** How long Mihu's reports are kept. */
export const reportsKeptDays = 90;

/** How old what an isolate knows of the lines' webhook keys may be before an unknown key has it asked for again. */
export const webhookKeysAgainMs = 1_000;

/** How long the notary waits for company after it was told of entries: little when much is written, longer when each run costs more than it links. */
export const sealBusyMs = 1_000;
export const sealQuietMs = 5_000;

/** Entries of one run from which on the notary is busy. */
export const sealBusyEntries = 64;

/** Entries that the notary links in one statement, and how long one run may go on. */
export const linksPerBatchMax = 1_024;
export const sealRunMs = 20_000;

/** Entries under one signed head at the most: a receipt carries the digests of what lies between it and its entries. */
export const linksPerHeadMax = 256;

/** The longest piece of the chain that a receipt carries. */
export const chainPieceMax = 2_048;

/** Newest heads that the notary keeps itself, beside the last one of each day. */
export const headsKeptMax = 256;

/** A receipt whose entries wait for a transaction is tried for again after this long, and so often. */
export const sealAgainMs = 250;
export const receiptTriesMax = 8;

/** How long one of the notary's statements may take: after a restore one of them walks through all entries. */
export const sealStatementMs = 50_000;

/** A poke of the notary stands for all that follow within this time: it does not run before. */
export const notaryPokeMs = 1_000;

/** How often a head is written to the log at most. */
export const headLogMs = 60_000;

/** Entries of who read a call that are shown with it, the newest: there may be thousands. */
export const readingsShownMax = 50;
