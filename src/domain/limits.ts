/**
 * Limits that several files share, each with its unit in its name. A limit of a single file is declared in that file.
 */

// Webhooks

/**
 * Bytes of one webhook's body. Larger than any CRM sends; small enough for hundreds in flight in an object of 128 MB.
 */
export const bodyBytesMax = 1_048_576;

/** Characters of a path key (`/in/:source/:key`), and of a header in a mapping preview. */
export const headerCharactersMax = 1_024;

/** Characters of an event's type, which is shown, matched by rules and indexed. */
export const eventTypeCharactersMax = 200;

/**
 * Characters of an order number, and of a record's type and id. A longer text is ignored: a template over a whole text
 * must not become a key.
 */
export const orderNumberCharactersMax = 200;

/** Numbers from here on are epoch milliseconds, smaller ones epoch seconds. As seconds this would be the year 5138. */
export const epochMillisecondsMin = 100_000_000_000;

/** Age from which a signed body counts as a replay if the event's id is unsigned. Shopify retries longest, for 48 h. */
export const replayAgeMs = 172_800_000;

/** `Retry-After` while nothing can store the request. */
export const retryAfterSeconds = 5;

/** Rejections that are stored for one source. */
export const rejectionsPerSourceMax = 50;

/**
 * Bytes of rejected bodies that one source's inbox stores, and that it accepts in one window. Further rejections are
 * stored without a body.
 */
export const rejectionBodiesBytesMax = 4_194_304;
export const rejectionBodiesWindowMs = 60_000;

// Inboxes

/** Inbox objects of one source. Each handles some hundreds of requests per second and holds one connection. */
export const shardsMax = 16;

/** Age from which a Worker refreshes its copy of a source. */
export const directoryFreshMs = 30_000;

/**
 * Time for which an older copy may still be used after a change. A load in flight may return it to an inbox of an
 * earlier version. A Worker that asks that inbox at the end of this time then uses it for as long again.
 */
export const olderCopyMs = 2 * directoryFreshMs;

/** Maximum age of an isolate's list of source names. The creation of a source is answered after that time. */
export const namesFreshMs = 1_000;

/** Age of an isolate's webhook keys from which it asks for newer ones. After that time, every Worker has a change. */
export const webhookKeysFreshMs = 1_000;

/**
 * Time after which every Worker has a changed key even if the directory did not learn of it, because each Worker has
 * reloaded the list by then.
 */
export const olderKeysMs = directoryFreshMs + webhookKeysFreshMs;

/**
 * Events waiting in one inbox. Beyond it the answer is 503: the sender retries, whereas a restart would lose the
 * memory.
 */
export const eventsWaitingMax = 10_000;

/** Bytes of events waiting in one inbox for their commit, and again for their plan. An object has 128 MB. */
export const waitingBytesMax = 33_554_432;

/** Events of one commit. This bounds a statement's JSON parameter to a few megabytes. */
export const eventsPerCommitMax = 1_000;

/** Bytes of bodies in one commit. */
export const commitBytesMax = 4_194_304;

/**
 * Events, and their bytes, that one inbox stores on its disk while Postgres is down. Beyond these limits the answer is
 * 503.
 */
export const spillEventsMax = 500_000;
export const spillBytesMax = 536_870_912;

/** First delay before an inbox retries to reach Postgres. */
export const probePauseMinMs = 1_000;

/**
 * Time in which one alarm of an inbox starts work. The runtime allows 60 s, and a last statement with its plan may take
 * 30 s.
 */
export const inboxAlarmMs = 25_000;

/** Timeout of an object's statements, except for the commit of a batch. The connection is then closed. */
export const statementTimeoutMs = 15_000;

// Plans

/** Characters of a needle that a condition or a template searches for. Longer ones would make a search quadratic. */
export const needleCharactersMax = 256;

/**
 * Events of one plan statement. Rendering and writing their calls must take much less time than a webhook may wait for
 * its answer.
 */
export const plansPerStatementMax = 200;

/** Default `burst` of a rule. */
export const burstDefault = { calls: 1_000, windowMs: 600_000 } as const;

/** Time in which a direct call to a number about the same as an earlier call is held for a person. */
export const loopWindowMs = 900_000;

/** Default `expires` of a rule, in open hours. */
export const expiresDefaultMs = 86_400_000;

/** Records that a rule may fetch, and GETs for one event. */
export const fetchesPerEventMax = 3;

/** GETs in flight from one inbox. Workers allow six connections that await headers, and Postgres needs one. */
export const fetchesAtOnceMax = 4;

/** Time in which one claim of events starts GETs. */
export const fetchClaimMs = 20_000;

/** Pause of a source whose API credential is rejected (401) or missing. */
export const fetchRefusedPauseMs = 60_000;

/** Events of one replay request, as a dry run or not. One statement writes all their calls. */
export const eventsPerReplayMax = 200;

/** Events of one rehearsal. */
export const eventsPerRehearsalMax = 10_000;

// Calls

/** Interval of the sweep, as set in `wrangler.toml`. */
export const sweepEveryMs = 60_000;

/** Lease of a claimed call. */
export const leaseMs = 75_000;

/**
 * Part of a lease for the POST's timeout and for recording its answer. Before it, the line looks for claims without a
 * result.
 */
export const leaseReserveMs = 35_000;

/**
 * Time after its claim in which a POST must begin. Otherwise it is not sent, and a new claim checks what has changed
 * since.
 */
export const postWithinMs = 2_000;

/** Calls of one claim. */
export const callsPerClaimMax = 64;

/**
 * Delay after an answer before its slot of `calls_per_minute` is free. The receiver then sees no more calls in any 60 s
 * of its own clock.
 */
export const paceWindowSeconds = 60;

/** Assumed difference between Mihu's clock and Postgres'. Mihu may also write whole seconds. */
export const mihuClockSkewMs = 5_000;

/**
 * Time between a claim, or Mihu's answer, and the start of the call. A POST may be queued, and Mihu may wait for a free
 * channel.
 */
export const mihuChannelWaitMs = 120_000;

/**
 * Times of look-ups for an unknown call, since it became unknown. If the last one finds nothing, the call goes to a
 * person for review. By then the window in which its conversation may have started is long over.
 */
export const looksAfterMs = [15_000, 60_000, 300_000] as const;

/** Time that look-ups may take before the line dials again. */
export const looksRunMs = 10_000;

/** Outcome reports waiting in one line's object. Beyond it the answer is 503, and their calls are polled. */
export const reportsWaitingMax = 20_000;

/** Reports that a line writes in one statement, and conversations that it reads for them in one run. */
export const reportsPerBatchMax = 200;

// People and operators

/** Longest lifetime of an API token. */
export const tokenDaysMax = 90;

/** Time for which a token that renewed itself stays valid, so that every part of its client can take the new one. */
export const tokenGraceMs = 86_400_000;

/** Time before a token that came from a renewal may be renewed in turn. */
export const tokenRenewalPauseMs = 3_600_000;

/** Time before the end of a token at which Hookline warns. A token that was made for a shorter time is meant to end. */
export const tokenEndsSoonMs = 1_209_600_000;

/** Rules of one source. Each is evaluated for each event. */
export const rulesPerSourceMax = 200;

/** Secrets of one source. Each is tried for each webhook. */
export const secretsPerSourceMax = 10;

/** Counted events of a source, and waiting events of a paused one. Beyond it the answer says that there are more. */
export const eventsCountedMax = 1_000;

/** Rows about one found thing that are counted. More are reported as more. */
export const foundCountMax = 20;

/** Order numbers that a search finds by their beginning, in the order of their bytes. */
export const foundOrdersMax = 8;

/** Rows that one problem in `/readyz` names. */
export const problemRowsNamedMax = 10;

/** Time after which a call that waits for a person is overdue, unless `REVIEW_OVERDUE` says otherwise. */
export const reviewOverdueDefaultMs = 14_400_000;

/** Newest entries about readings of a call that are shown with it. A call may have thousands. */
export const readingsShownMax = 50;

/** Interval of the notary's runs. A poke also covers later ones within this time. */
export const notaryPokeMs = 1_000;

/**
 * Age from which an unlinked audit entry is a problem: 5 s until the notary's run, 5 s to notice a dead connection, 5 s
 * until the retry, and 5 s for a new connection and the run itself. Time without Postgres is added.
 */
export const sealWithinMs = 20_000;

/** One day, for limits in days. */
export const dayMs = 86_400_000;

/**
 * Conflicts stored for one event, each with its bytes. A sender with more of them has no usable ids, and further bytes
 * are rejected.
 */
export const conflictsPerEventMax = 20;

/**
 * Time since its receipt for which an event is also found by the dedupe key of an earlier version. Few senders retry
 * for longer.
 */
export const formerKeyMs = 604_800_000;
