/**
 * `/healthz`: liveness, with our time. `/readyz`: readiness; details of problems need a token.
 *
 * Without a valid token the answer is cached by one object (`src/flows/readiness-word.ts`): at most a second old, and
 * 503 if it is over 90 s old. Postgres is asked only for tokens with a valid signature.
 *
 * | status      | code | when                                                                                        |
 * | ----------- | ---- | ------------------------------------------------------------------------------------------- |
 * | `ready`     | 200  | no problem, or only problems that wait for a person                                         |
 * | `degraded`  | 200  | the worst problem is an `error` or a `warning`: calls are placed and webhooks are accepted  |
 * | `not_ready` | 503  | a `critical` problem: no call can be placed, or webhooks cannot be accepted                 |
 *
 * `src/domain/problem-reasons.ts` assigns the severities. Proxies and load balancers should ask `/healthz`. While
 * Postgres is down, `/readyz` answers 503, but webhooks still have to reach the inboxes that store them.
 */
import { type Context, Hono } from "hono";
import { clocksApartMs } from "../domain/clocks.ts";
import { sealWithinMs } from "../domain/limits.ts";
import { explain, severityOf } from "../domain/reasons.ts";
import {
  databaseUnavailable,
  directorySilent,
  type ExplainedProblem,
  problemsOf,
  readiness,
  readinessWithout,
} from "../flows/readiness.ts";
import { unknownWord, wordKeptMs, wordOf } from "../flows/readiness-word.ts";
import { DeadlineExceeded, withinDeadline } from "../platform/deadline.ts";
import type { Inboxes } from "../ports/ingest/inboxes.ts";
import type { SpillCount } from "../ports/ingest/spill.ts";
import type { PostgresClock, ReadinessWord, Unsealed } from "../ports/lookups/readiness.ts";
import { iso } from "../views/moment.ts";
import { troubleView } from "../views/sources/trouble.ts";
import { carriesSigned, readerOf } from "./auth/authenticate.ts";
import type { AppEnv } from "./deps.ts";

/** Timeout for Postgres and for the inboxes. Probes give up after a few seconds. */
const readyMs = 1_500;

/** Timeout for the object with the public answer: 3.5 s for Postgres, then 1 s for the inboxes, and its own time. */
const wordMs = 5_000;

/** @returns Both routes. */
export function healthRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/healthz", (c) => c.json({ status: "alive", time: iso(c.var.deps.clock.now()) }));
  app.get("/readyz", async (c) => {
    const { log, isAway } = c.var.deps;
    if (!(await carriesSigned(c))) return respond(c, await publicWord(c), {});
    try {
      return await readyWithPostgres(c);
    } catch (error) {
      if (!isAway(error) && !(error instanceof DeadlineExceeded)) throw error;
      log.warn("Postgres is down", { error });
      return await readyWithoutPostgres(c);
    }
  });
  return app;
}

/** The public answer, from the object that reads readiness for everybody. */
async function publicWord(c: Context<AppEnv>): Promise<ReadinessWord> {
  const { clock, directory, log } = c.var.deps;
  const word = await withinDeadline(directory.readiness(), wordMs).catch((error) => {
    log.warn("readiness cannot be read", { error });
    return null;
  });
  const isKept = word !== null && clock.now() - word.at <= wordKeptMs;
  return isKept ? word : unknownWord(clock.now());
}

async function readyWithPostgres(c: Context<AppEnv>): Promise<Response> {
  const { stores, inboxes } = c.var.deps;
  const lookups = { readiness: () => withinDeadline(stores.lookups.readiness(), readyMs) };
  const [found, isSilent] = await Promise.all([
    readiness({ lookups, inboxes: boundedInboxes(inboxes) }),
    isDirectorySilent(c),
  ]);
  const { missingMigrations, pausedLines, spills, unsealed, clock } = found;
  // No token can be checked before the migrations have run.
  const reader = missingMigrations.length > 0 ? null : await withinDeadline(readerOf(c), readyMs);
  const problems = problemsOf({ ...found, problems: [...(isSilent ? [directorySilent] : []), ...found.problems] });
  const word = wordOf(c.var.deps.clock.now(), problems, { missingMigrations, eventsWait: null });
  return respond(c, word, {
    ...(reader === null
      ? {}
      : {
          paused_lines: pausedLines.map(pausedView),
          problems: problems.map(problemView),
          spills: spills.map(spillView),
          ...(unsealed === undefined ? {} : { unsealed: unsealedView(unsealed) }),
          clocks: clocksView(clock),
        }),
  });
}

/** Whether the directory's object cannot be reached. If it is only slow, it still answers from memory. */
async function isDirectorySilent(c: Context<AppEnv>): Promise<boolean> {
  const { directory, log } = c.var.deps;
  return await withinDeadline(directory.readiness(), readyMs).then(
    () => false,
    (error) => {
      if (error instanceof DeadlineExceeded) return false;
      log.warn("the directory cannot be reached", { error });
      return true;
    },
  );
}

/** While Postgres is down no call is placed. Webhooks are accepted as long as the inboxes can store events. */
async function readyWithoutPostgres(c: Context<AppEnv>): Promise<Response> {
  const {
    spills,
    eventsWait,
    problems: found,
  } = await readinessWithout({ inboxes: boundedInboxes(c.var.deps.inboxes) });
  const problems = problemsOf({ pausedLines: [], problems: [databaseUnavailable, ...found] });
  // Counts and sources are shown for a token with a valid signature. Its revocation cannot be checked now.
  return respond(c, wordOf(c.var.deps.clock.now(), problems, { missingMigrations: [], eventsWait }), {
    ...((await carriesSigned(c))
      ? { problems: problems.map(problemView), spills: spills.map(spillView), clocks: null }
      : {}),
  });
}

/** Public readiness, with details for a reader who may see them. */
function respond(c: Context<AppEnv>, word: ReadinessWord, more: object): Response {
  const { status, worst, placesCalls, takesWebhooks, missingMigrations, eventsWait } = word;
  const body = {
    status,
    ...(worst === null ? {} : { reason: worst.code, severity: worst.severity }),
    places_calls: placesCalls,
    takes_webhooks: takesWebhooks,
    // The names of missing migrations are public, and so is whether events are waiting.
    ...(missingMigrations.length === 0 ? {} : { missing_migrations: missingMigrations }),
    ...(eventsWait === null ? {} : { events_wait: eventsWait }),
    ...more,
  };
  return status === "not_ready" ? c.json(body, 503, { "retry-after": "5" }) : c.json(body);
}

/** Inboxes without an answer in time are reported as silent, apart from Postgres. */
function boundedInboxes(inboxes: Pick<Inboxes, "spills">): Pick<Inboxes, "spills"> {
  return { spills: () => withinDeadline(inboxes.spills(), readyMs) };
}

function problemView({ code, severity, sentence, since, count, rows, trouble }: ExplainedProblem) {
  const fetching = trouble === undefined ? {} : { fetching: troubleView(trouble) };
  return { code, severity, sentence, since: iso(since), count, rows, ...fetching };
}

function spillView({ source, shard, events, bytes, oldestAt }: SpillCount) {
  return { source, shard, events, bytes, oldest_at: iso(oldestAt) };
}

function unsealedView({ count, oldestAt, ageMs }: Unsealed) {
  return {
    entries: count,
    oldest_at: iso(oldestAt),
    oldest_age_s: ageMs === null ? null : Math.round(ageMs / 1_000),
    allowed_s: sealWithinMs / 1_000,
  };
}

/** `null`: unknown. */
function clocksView(clock: PostgresClock | undefined) {
  if (clock?.reading === null || clock?.reading === undefined) return null;
  const { aheadMs, errorMs, asks, movedMs } = clock.reading;
  return {
    postgres_ahead_ms: Math.round(aheadMs),
    error_ms: Math.ceil(errorMs),
    allowed_ms: clocksApartMs,
    asks,
    moved_ms: movedMs === null ? null : Math.round(movedMs),
    went_back_ms: Math.round(clock.wentBackMs),
  };
}

function pausedView(line: { line: string; reason: string; detail: string | null; since: number }) {
  return {
    line: line.line,
    reason: line.reason,
    severity: severityOf(line.reason),
    reason_text: explain(line.reason),
    detail: line.detail,
    since: iso(line.since),
  };
}
