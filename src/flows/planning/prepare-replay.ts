/** The first half of a replay: reads events, fetches records that they lack, and plans them by current rules. Writes nothing. */
import { isObject, type JsonValue } from "../../domain/json.ts";
import { eventsPerReplayMax } from "../../domain/limits.ts";
import { planReplay, type ReplayWish } from "../../domain/plan/replay-plan.ts";
import { compileRules } from "../../domain/rules/source-rules.ts";
import type { SourceStore } from "../../ports/ingest/sources.ts";
import type { Cursor } from "../../ports/page.ts";
import type { Records } from "../../ports/planning/records.ts";
import type { ReplayEvent, ReplayedEvent, ReplaySelection, ReplayStore } from "../../ports/planning/replays.ts";
import type { Clock } from "../../ports/runtime.ts";
import { fetchOne, neededFor } from "./fetch.ts";
import { linesOf, type PlanView, planSafely } from "./plan.ts";

/**
 * Limits of one replay request: events with new fetches, each with up to three GETs, and the time for starting them.
 */
const replayFetchesMax = 20;
const replayFetchMs = 15_000;

export type ReplayPorts = { clock: Clock; replays: ReplayStore; sources: SourceStore; records: Records };

/** Parameters of a replay. */
export type ReplayAsked = ReplayWish & {
  readonly which: ReplaySelection;
  readonly after: Cursor | null;
  readonly dryRun: boolean;
};

/** Events of a replay with their plans. */
export type PreparedReplay = {
  /** Events that were read, the oldest first. */
  readonly events: readonly ReplayEvent[];
  /** Events with calls to make. */
  readonly wanted: readonly ReplayedEvent[];
  /** Reasons for no call: one per rule of an event, or one for the event. */
  readonly passed: readonly { readonly event: string; readonly reason: string }[];
  /** Number of ids without an event. */
  readonly missing: number;
  /** Cursor behind the last event; null at the end. */
  readonly next: Cursor | null;
};

export async function prepareReplay(ports: ReplayPorts, asked: ReplayAsked): Promise<PreparedReplay> {
  const nowMs = ports.clock.now();
  const page = await ports.replays.page(asked.which, eventsPerReplayMax, asked.after);
  const views = await viewsOf(ports.sources, page.events);
  const passed: { event: string; reason: string }[] = [];
  const wanted: ReplayedEvent[] = [];
  const fetching = fetchingFor(ports, nowMs);
  const events: ReplayEvent[] = [];
  let { next } = page;
  for (const event of page.events) {
    const view = views.get(event.source);
    const unfit = unfitFor(event, view);
    if (unfit !== null || view === undefined) {
      events.push(event);
      passed.push({ event: event.id, reason: unfit ?? "no_rules" });
      continue;
    }
    const whole = await fetching(view, event);
    if (whole === "enough") {
      // The next request begins with this event.
      next = events.at(-1)?.cursor ?? next;
      break;
    }
    events.push(event);
    const plan = planSafely(view, whole.event, nowMs, asked);
    const made = planReplay(plan, { rules: view.rules.rules, tries: event.tries, wish: asked });
    passed.push(...made.passed.map((reason) => ({ event: event.id, reason })));
    if (made.calls.length > 0)
      wanted.push({
        id: event.id,
        source: {
          ...{ slug: view.source.slug, version: view.source.version },
          lines: linesOf(view.lines, [{ calls: made.calls.map(({ draft }) => draft) }]),
        },
        replays: event.replays,
        calls: made.calls,
        ...whole.fetched,
      });
  }
  return { events, wanted, passed, missing: page.missing, next };
}

/** The reason why an event cannot be replayed under any rules. */
function unfitFor(event: ReplayEvent, view: PlanView | undefined): string | null {
  if (event.erased) return "erased";
  if (event.state === "unplanned") return "unplanned";
  // The event's bytes first arrived under another id. A person can replay the event with that id.
  if (event.reason === "replayed") return "replayed";
  // The first event of this id must be planned first. A number that it calls is not called again without a request.
  if (event.firstUnplanned) return "unplanned";
  if (event.paused) return "source_paused";
  return view === undefined ? "no_rules" : null;
}

/**
 * An event with its fetched records. `fetched`: the new ones. `"enough"`: the limit of this request's fetches is
 * reached.
 */
type Whole = { readonly event: ReplayEvent; readonly fetched: { readonly fetched?: JsonValue } } | "enough";

/** Fetches records that current rules need and the event lacks, up to the limit of one request. */
function fetchingFor({ clock, records }: ReplayPorts, beganMs: number) {
  const opened = new Map<PlanView, ReturnType<Records["open"]>>();
  let count = 0;
  return async function fetching(view: PlanView, event: ReplayEvent): Promise<Whole> {
    const names = neededFor(view, event);
    const known = event.fetched;
    if (names.every((name) => isObject(known) && Object.hasOwn(known, name))) return { event, fetched: {} };
    if (count > 0 && (count >= replayFetchesMax || clock.now() - beganMs > replayFetchMs)) return "enough";
    count++;
    const open = opened.get(view) ?? records.open(view.source);
    opened.set(view, open);
    const answer = await open;
    const end = answer.ok
      ? await fetchOne(answer.api, view, event, names, { sinceMs: event.receivedAt, nowMs: clock.now() })
      : { kind: "hold" as const };
    if (end.kind === "ready")
      return { event: { ...event, fetched: end.fetched, unfetched: end.unfetched }, fetched: { fetched: end.fetched } };
    // The next replay retries it.
    const lost = { reason: "fetch_failed" as const, status: null, problem: null, path: null, tries: 1 };
    return { event: { ...event, unfetched: names.map((fetch) => ({ fetch, ...lost })) }, fetched: {} };
  };
}

async function viewsOf(sources: SourceStore, events: readonly ReplayEvent[]): Promise<Map<string, PlanView>> {
  const slugs = [...new Set(events.map(({ source }) => source))];
  if (slugs.length === 0) return new Map();
  const { lines } = await sources.lines();
  const bySlug = new Map(lines.map((line) => [line.slug, line]));
  const views = new Map<string, PlanView>();
  for (const slug of slugs) {
    const source = await sources.copy(slug);
    if (source !== null) views.set(slug, { source, rules: compileRules(source.rules, source.fetch), lines: bySlug });
  }
  return views;
}
