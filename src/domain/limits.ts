/** Limits that several files share, each with its unit in its name. A limit of one file stands on top of that file. */

// Webhooks

/** One webhook's body: larger than any CRM sends, small enough for an object's 128 MB with hundreds in flight. */
export const bodyBytesMax = 1_048_576;

/** A path key (`/in/:source/:key`), and a header of the request in a mapping preview. */
export const headerCharactersMax = 1_024;

/** An event's type: it is shown, matched by rules and indexed. */
export const eventTypeCharactersMax = 200;

/** An order number, and the type and id of a record. A longer text is none: a template over a whole text must not become a key. */
export const orderNumberCharactersMax = 200;

/** Numbers from here on are epoch milliseconds, smaller ones epoch seconds. As seconds it would be the year 5138. */
export const epochMillisecondsMin = 100_000_000_000;

/** Age from which on a signed body counts as a replay if the event's id is not signed. Shopify, the slowest, redelivers for 48 h. */
export const replayAgeMs = 172_800_000;

/** `Retry-After` of a request that nothing can store at the moment. */
export const retryAfterSeconds = 5;

/** Rejections that are stored for one source. */
export const rejectionsPerSourceMax = 50;

/** Bytes of rejected bodies that one source's inbox holds, and accepts in one window. Past it rejections are stored without a body. */
export const rejectionBodiesBytesMax = 4_194_304;
export const rejectionBodiesWindowMs = 60_000;

// Inboxes

/** Inbox objects of one source. Each handles some hundreds of requests a second, and holds a connection. */
export const shardsMax = 16;

/** Age from which on a Worker asks again for a source's description. */
export const directoryFreshMs = 30_000;

/**
 * The time for which an older copy may be used after a change. A load that is under way may bring it back to an inbox of an earlier version, and a
 * Worker that asks at the end of its time there has it as long again.
 */
export const olderCopyMs = 2 * directoryFreshMs;

/** Age up to which an isolate judges names by its list of all sources' names. A source's creation is answered after that time. */
export const namesFreshMs = 1_000;

/** Age of an isolate's keys of outcome webhooks from which on a key causes a question. Once a change is that old every Worker has it. */
export const webhookKeysFreshMs = 1_000;

/** Age from which on a change of a key is known to every Worker, also if the directory was not told: it reads the list anew by then. */
export const olderKeysMs = directoryFreshMs + webhookKeysFreshMs;

/** Events that wait in one inbox. Past it the answer is 503: the sender redelivers, whereas a restart would lose the memory. */
export const eventsWaitingMax = 10_000;

/** Bytes of events that wait in one inbox for their commit, and as many for their plan. An object has 128 MB. */
export const waitingBytesMax = 33_554_432;

/** Events of one commit, which bounds a statement's JSON parameter to a few megabytes. */
export const eventsPerCommitMax = 1_000;

/** Bytes of bodies in one commit. */
export const commitBytesMax = 4_194_304;

/** Events, and their bytes, that one inbox spills to its own disk while Postgres is down. Past it the answer is 503. */
export const spillEventsMax = 500_000;
export const spillBytesMax = 536_870_912;

/** First pause before an inbox tries again to reach Postgres. */
export const probePauseMinMs = 1_000;

/** Time for which one alarm of an inbox begins work. The runtime allows 60 s, and a last statement with its plan may take 30 s. */
export const inboxAlarmMs = 25_000;

/** Deadline of an object's statements, but for the commit of a batch. After it the connection is closed. */
export const statementTimeoutMs = 15_000;

// Plans

/** Characters of a text that a condition or a template searches for. Longer ones make searching quadratic. */
export const needleCharactersMax = 256;

/** Events of one plan statement: rendering and writing their calls must take much less time than an accept may wait. */
export const plansPerStatementMax = 200;

/** Burst of a rule that sets none. */
export const burstDefault = { calls: 1_000, windowMs: 600_000 } as const;

/** Open hours for which a call of a rule without `expires` may wait to be placed. */
export const expiresDefaultMs = 86_400_000;

/** Records that a rule may have fetched, and GETs for one event. */
export const fetchesPerEventMax = 3;

/** GETs in flight from one inbox. Workers allow six connections that await headers, and Postgres needs one. */
export const fetchesAtOnceMax = 4;

/** Time for which one claim of events begins GETs. */
export const fetchClaimMs = 20_000;

/** Pause of a source whose credential is refused (401) or missing. */
export const fetchRefusedPauseMs = 60_000;

/** Events of one replay request, tried out or done. One statement writes all their calls. */
export const eventsPerReplayMax = 200;

/** Events of one rehearsal. */
export const eventsPerRehearsalMax = 10_000;

// Calls

/** The sweep's interval, as `wrangler.toml` sets it. */
export const sweepEveryMs = 60_000;

/** Lease of a claimed call. */
export const leaseMs = 75_000;

/** Part of a lease for the POST's deadline and for recording its answer. Before it begins, the line looks for claims without an end. */
export const leaseReserveMs = 35_000;

/** A POST begins within this time of its claim, or not at all: what has changed since is asked by another claim. */
export const postWithinMs = 2_000;

/** Calls of one claim. */
export const callsPerClaimMax = 64;

/** A slot of `calls_per_minute` frees this long after the answer, so that the receiver sees no more calls in any 60 s of its clock. */
export const paceWindowSeconds = 60;

/** Difference of Mihu's clock and ours. Mihu may also write whole seconds. */
export const mihuClockSkewMs = 5_000;

/** Time between our claim, or Mihu's answer, and the begin of a call: a POST waits for its turn, and Mihu for a free channel. */
export const mihuChannelWaitMs = 120_000;

/**
 * Look-ups of an unknown call, counted from the moment at which it became unknown. A call that the last one does not find is put before
 * a person. By then the window in which its conversation may have begun is long over.
 */
export const looksAfterMs = [15_000, 60_000, 300_000] as const;

/** Time that look-ups may take before the line dials on. */
export const looksRunMs = 10_000;

/** Outcome reports that wait in one line's object. Past it the answer is 503, and their calls are polled. */
export const reportsWaitingMax = 20_000;

/** Reports that a line writes to Postgres in one statement, and conversations that it reads for them in one run. */
export const reportsPerBatchMax = 200;

// People and operators

/** Longest life of a token. */
export const tokenDaysMax = 90;

/** Rules of one source in a request. Each is weighed against each event. */
export const rulesPerSourceMax = 200;

/** Secrets of one source. Each is tried for each webhook. */
export const secretsPerSourceMax = 10;

/** Events of a source, and waiting events of a paused one, that are counted. Past it the answer says that there are more. */
export const eventsCountedMax = 1_000;

/** Rows that one problem of `/readyz` names. */
export const problemRowsNamedMax = 10;

/** Newest entries about readings of a call that are shown with it. A call may have thousands. */
export const readingsShownMax = 50;

/** A poke of the notary also stands for later ones within this time, because the notary does not run before it. */
export const notaryPokeMs = 1_000;

/**
 * Age from which on an audit entry without a seal is a problem: 5 s until the notary's run, 5 s for a dead connection to be noticed, 5 s
 * until the next try, and 5 s for a new connection and the run itself. The time in which Postgres is down comes on top of it.
 */
export const sealWithinMs = 20_000;

/** One day, for limits in days. */
export const dayMs = 86_400_000;

/** Conflicts of one event, each with its bytes. A sender that makes more of one id has no ids: further bytes are refused. */
export const conflictsPerEventMax = 20;

/** Time after its receipt for which an event is known by the key that an earlier version made of it. Few senders try again for longer. */
export const formerKeyMs = 604_800_000;
