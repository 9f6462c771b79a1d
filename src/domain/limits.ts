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

/** A refused request's body that is kept to be judged again: whole, or not at all. */
export const rejectionBodyBytesMax = 262_144;

/** Bytes of such bodies that one source's inbox holds, and takes in a stretch of time: past it they are kept without. */
export const rejectionBodiesBytesMax = 4_194_304;
export const rejectionBodiesWindowMs = 60_000;

/** Bytes of such bodies that are read in one go, the newest: a Worker has 128 MB. */
export const rejectionBodiesReadBytesMax = 8_388_608;

/** How long a refused request is kept: whoever mends a secret does so sooner, and it holds what customers wrote. */
export const rejectionRequestsKeptDays = 7;

/** Secrets that a source had, among which the one of a refused signature is looked for. */
export const retiredSecretsTriedMax = 10;

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
export const reportsWaitingMax = 20_000;
export const reportsBytesMax = 67_108_864;

/** Reports that a line's object writes to Postgres in one statement, and conversations of them that it reads in one go. */
export const reportsPerBatchMax = 200;
/** News that is little waits this long for company. */
export const reportsLingerMs = 100;
/** A webhook waits this long for others, to be written to the object's disk together. */
export const reportsWriteLingerMs = 5;
export const reportsPerRunMax = 20;

/**
 * When news of a conversation that no call of ours has is looked at again: Mihu may tell of a call before its answer to the POST is
 * recorded. All of it is over before the first poll.
 */
export const reportLooksAfterMs = [1_000, 4_000, 10_000, 20_000] as const;

/** One stored report; longer ones are cut, values first. A transcript of minutes fits. */
export const reportCharactersMax = 16_384;

/** How long Mihu's reports are kept. */
export const reportsKeptDays = 90;

/** How old what an isolate knows of the lines' webhook keys may be before an unknown key has it asked for again. */
export const webhookKeysAgainMs = 1_000;

/** How long the notary waits for company after it was told of entries: little when much is written, longer when each run costs more than it links. */
export const chainBusyMs = 1_000;
export const chainQuietMs = 5_000;

/** Entries of one run from which on the notary is busy. */
export const chainBusyEntries = 64;

/** Entries that the notary links in one statement, and how long one run may go on. */
export const linksPerBatchMax = 1_024;
export const chainRunMs = 20_000;

/** Entries under one signed head at the most: a receipt carries the digests of what lies between it and its entries. */
export const linksPerHeadMax = 256;

/** The longest piece of the chain that a receipt carries. */
export const chainPieceMax = 2_048;

/** Newest heads that the notary keeps itself, beside the last one of each day. */
export const headsKeptMax = 256;

/** A receipt whose entries wait for a transaction is tried for again after this long, and so often. */
export const chainAgainMs = 250;
export const receiptTriesMax = 8;

/** How long one of the notary's statements may take: after a restore one of them walks through all entries. */
export const chainStatementMs = 50_000;

/** A poke of the notary stands for all that follow within this time: it does not run before. */
export const notaryPokeMs = 1_000;

/** How often a head is written to the log at most. */
export const headLogMs = 60_000;

/** Entries of who read a call that are shown with it, the newest: there may be thousands. */
export const readingsShownMax = 50;

/** Events that one request replays, or says of what a replay would do: their calls are one statement. */
export const eventsPerReplayMax = 200;

/** Events that one request of a replay looks through for those of its filter; the next goes on from there. */
export const eventsWalkedPerReplayMax = 5_000;

/** Events of one request of a replay for which something is fetched anew, and how long that may take: each is up to three GETs. */
export const replayFetchesMax = 20;
export const replayFetchMs = 15_000;

/** Calls that the plan of a replay shows. */
export const replaySamplesMax = 10;

/** Secrets that one source may have at once: each is tried for each webhook. */
export const secretsPerSourceMax = 10;

/** Sealed values that one request seals anew. */
export const resealedPerRequestMax = 200;

/** Events of a source, and of those that wait in a paused one, that are counted; past it, it is said that there are more. */
export const eventsCountedMax = 1_000;

/** Sources whose fields one sweep looks at, events of each, and bytes of all of them. */
export const sourcesWatchedPerSweepMax = 10;
export const eventsWatchedPerSourceMax = 50;
export const watchedBytesMax = 4_194_304;

/** An event is looked at for its fields once it is so old: by then what is fetched for it is there, or late. */
export const watchedAfterMs = 60_000;

/** Events of one webhook that a preview shows, and previews of one rule each in one answer: each may say all of its texts. */
export const eventsPerPreviewMax = 50;
export const rulePreviewsMax = 500;

/** Events that one rehearsal goes through, and how far back it may reach. */
export const eventsPerRehearsalMax = 10_000;
export const rehearsalDaysMax = 30;

/** Events that one statement of a rehearsal reads. */
export const eventsPerRehearsalPageMax = 200;

/**
 * What one request of a rehearsal reads and tells at the most, and how long it begins further statements: a Worker has 128 MB and some
 * 30 s of computing. The next request goes on from there.
 */
export const rehearsalBytesMax = 67_108_864;
export const rehearsalTextCharactersMax = 4_194_304;
export const rehearsalMs = 20_000;

/** Things that a rule may have fetched from the sender's API, and that one event has fetched at the most. */
export const fetchesPerEventMax = 3;

/** How long one GET may take, and how much its answer may hold: a ticket with its fields, not its attachments. */
export const fetchTimeoutMs = 5_000;
export const fetchAnswerBytesMax = 262_144;

/** GETs in flight from one inbox: Workers allow six connections that await headers, and Postgres needs one. */
export const fetchesAtOnceMax = 4;

/** How long an answer serves other events that came before it was asked for, how many are kept, and how many characters of them. */
export const fetchCacheMs = 60_000;
export const fetchCacheEntriesMax = 500;
export const fetchCacheCharactersMax = 8_388_608;

/** How far Postgres' clock may be from an inbox's: an answer younger than an event by less may be older than it. */
export const fetchClockSkewMs = 2_000;

/** Pauses before what could not be fetched is asked for again; after the last of them the rule's call is skipped, with the reason. */
export const fetchPausesMs = [5_000, 30_000, 120_000, 600_000, 1_800_000] as const;

/** The same where the sender refuses one record (403): a person has to do something, and may. */
export const fetchSlowPausesMs = [60_000, 300_000, 900_000, 3_600_000, 7_200_000] as const;

/** How long a source that is refused altogether (401), or that has no credential, waits before it is tried again. */
export const fetchRefusedPauseMs = 60_000;

/** How long a source waits that asks for more than the sender gives (429), where it does not say, and at the most. */
export const fetchHoldDefaultMs = 10_000;
export const fetchHoldMaxMs = 3_600_000;

/** How long the next GET waits where the sender says that its budget is spent. */
export const fetchBudgetPauseMs = 1_000;

/** An event that is put off for so long by the sender's limits ends. */
export const fetchGiveUpMs = 86_400_000;

/** Events that one claim fetches for, how long it begins new ones, and how long they are its own: three slow GETs fit in between. */
export const fetchEventsPerClaimMax = 50;
export const fetchClaimMs = 20_000;
export const fetchLeaseMs = 60_000;

/** Things that a source's own `api.get` may name, and the characters of one of its paths. */
export const fetchablesPerSourceMax = 20;
