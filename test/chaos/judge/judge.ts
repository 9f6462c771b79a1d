/** Compares accepted events, the rows in Postgres and the simulator's rings. Pure: the same evidence gives the same judgement. */
import type { Post, Ring } from "../../../dev/simulator/engine/types.ts";
import type { AnsweredStop } from "../world/operator.ts";
import type { LinePlan } from "../world/size.ts";
import { ringingKinds, type StoryEvent, tokenIn } from "../world/story.ts";
import type { Struck } from "../world/strike.ts";
import type { CallRow, Truth } from "../world/truth.ts";
import { mostAtOnce, type PaceSeen, paceOf } from "./pace.ts";
import { explainReview, mayHaveRung } from "./reviews.ts";
import { rungAfterStop } from "./stops.ts";

/** The evidence of a judgement. */
export type Evidence = {
  /** Hookline's id of each accepted event, and which it is. */
  readonly accepted: ReadonlyMap<string, StoryEvent>;
  readonly truth: Truth;
  readonly rings: readonly Ring[];
  readonly posts: readonly Post[];
  readonly struck: readonly Struck[];
  readonly stops: readonly AnsweredStop[];
  /** Tokens of events that were signed with a secret after it had been removed. */
  readonly forged: ReadonlySet<string>;
  readonly lines: readonly LinePlan[];
  /** Until when the lines had the pace that they began with; epoch milliseconds. */
  readonly paceUntil: number;
};

export type Judgement = {
  readonly accepted: number;
  /** Rings that belong to a call which says so. */
  readonly rungOnce: number;
  /** Tokens that were rung more often than they have calls that may have rung. */
  readonly rungTwice: readonly string[];
  /** Tokens for which a request was sent again after one that may have rung. */
  readonly sentAgain: readonly string[];
  /** Tokens that no phone may ring for, and one did. */
  readonly rungWrongly: readonly string[];
  /** Tokens for which a request was sent after an answer said that it would not be. */
  readonly rungAfterStop: readonly string[];
  /** Tokens that were rung for events that a removed secret signed. */
  readonly rungForged: readonly string[];
  /** Numbers that were rung while they were being rung. */
  readonly rungAtOnce: readonly string[];
  /** Calls that say that they were placed and have no ring, or another one's. */
  readonly notRung: readonly string[];
  /** Accepted events that have neither calls nor a reason, or a call that has no end. */
  readonly lost: readonly string[];
  /** Ends without a ring, by status and reason. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly reviews: Readonly<Record<string, number>>;
  readonly unexplained: readonly string[];
  readonly pace: readonly PaceSeen[];
};

const endedStatuses: ReadonlySet<string> = new Set([
  "placed",
  "ended",
  "review",
  "skipped",
  "held",
  "rejected",
  "expired",
  "canceled",
]);
const rungStatuses: ReadonlySet<string> = new Set(["placed", "ended"]);
/** Calls that may have rung without knowing of it. */
const doubtful: ReadonlySet<string> = new Set(["dialing", "unknown", "review"]);

export function judge(evidence: Evidence): Judgement {
  const { accepted, truth, rings, posts } = evidence;
  const eventOf = (call: CallRow) => accepted.get(call.eventId);
  const callsOf = groupBy(truth.calls, (call) => eventOf(call)?.token ?? null);
  const ringsOf = groupBy(rings, (ring) => tokenIn(ring.about));
  const postsOf = groupBy(posts, (post) => tokenIn(post.about));
  const postsTo = groupBy(posts, (post) => `${post.agentId} ${post.number}`);
  const ringById = new Map(rings.map((ring) => [ring.id, ring]));

  const rungTwice: string[] = [];
  const notRung: string[] = [];
  let rungOnce = 0;
  for (const token of new Set([...ringsOf.keys(), ...callsOf.keys()])) {
    const calls = callsOf.get(token) ?? [];
    const left = new Set(ringsOf.get(token) ?? []);
    for (const call of calls.filter(({ status }) => rungStatuses.has(status))) {
      const ring = ringFor(call, left, ringById);
      if (ring === null) notRung.push(`${token} ${call.id}`);
      else {
        left.delete(ring);
        rungOnce++;
      }
    }
    const doubts = calls.filter(({ status }) => doubtful.has(status)).length;
    if (left.size > doubts) rungTwice.push(token);
  }

  const sentAgain = [...postsOf].flatMap(([token, sent]) => {
    const dialled = (callsOf.get(token) ?? []).filter(({ claimedAt }) => claimedAt !== null).length;
    return sent.filter(mayHaveRung).length > dialled ? [token] : [];
  });
  const tokens = new Map([...accepted.values()].map((event) => [event.token, event]));
  const rungWrongly = [...ringsOf.keys()].filter((token) => {
    const event = tokens.get(token);
    return event !== undefined && !ringingKinds.has(event.kind);
  });

  const eventRows = new Map(truth.events.map((event) => [event.id, event]));
  const callsOfEvent = groupBy(truth.calls, ({ eventId }) => eventId);
  const lost: string[] = [];
  const reasons: Record<string, number> = {};
  const outcomes: Record<string, number> = {};
  for (const [id, event] of accepted) {
    const row = eventRows.get(id);
    const calls = callsOfEvent.get(id) ?? [];
    const open = calls.find(({ status }) => !endedStatuses.has(status));
    if (row === undefined) lost.push(`${event.token} is not in Postgres`);
    else if (row.state === "unplanned") lost.push(`${event.token} is unplanned`);
    else if (row.state === "planned" && calls.length === 0) lost.push(`${event.token} has no call`);
    else if (open !== undefined) lost.push(`${event.token} is ${open.status}`);
    else if (row.state === "ignored") tally(reasons, `ignored ${row.reason ?? ""}`);
    for (const call of calls) {
      if (rungStatuses.has(call.status)) tally(outcomes, call.outcome ?? "placed");
      else if (call.status !== "review") tally(reasons, `${call.status} ${call.reason ?? ""}`);
    }
  }

  const reviews: Record<string, number> = {};
  const unexplained: string[] = [];
  for (const call of truth.calls.filter(({ status }) => status === "review")) {
    const token = eventOf(call)?.token ?? "";
    const agent = evidence.lines.find(({ slug }) => slug === call.line)?.agent ?? "";
    const near = postsTo.get(`${agent} ${call.number ?? ""}`) ?? [];
    const siblings = truth.calls.filter(
      ({ id, line, number }) => id !== call.id && line === call.line && number === call.number,
    );
    const { explained, cause } = explainReview(call, postsOf.get(token) ?? [], near, evidence.struck, siblings);
    tally(reviews, cause);
    if (!explained) unexplained.push(`${token} ${call.id}: ${cause} (was unknown: ${call.unknownReason ?? "never"})`);
  }

  return {
    accepted: accepted.size,
    rungOnce,
    rungTwice,
    sentAgain,
    rungWrongly,
    rungAfterStop: rungAfterStop(posts, evidence.stops, tokens),
    rungForged: [...ringsOf.keys()].filter((token) => evidence.forged.has(token)),
    rungAtOnce: [...groupBy(rings, ({ number }) => number)].flatMap(([number, of]) =>
      mostAtOnce(of) > 1 ? [`…${number.slice(-4)}`] : [],
    ),
    notRung,
    lost,
    reasons,
    outcomes,
    reviews,
    unexplained,
    pace: evidence.lines.map((line) => paceOf(line, posts, rings, evidence.paceUntil)),
  };
}

/** By Mihu's id of the call; by the conversation where Mihu gave no id. */
function ringFor(call: CallRow, left: ReadonlySet<Ring>, byId: ReadonlyMap<string, Ring>): Ring | null {
  if (call.mihuId !== null) {
    const named = byId.get(call.mihuId);
    return named !== undefined && left.has(named) ? named : null;
  }
  return [...left].find((ring) => ring.conversation_uuid === call.conversationUuid) ?? null;
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string | null): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === null) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function tally(counts: Record<string, number>, name: string): void {
  counts[name.trim()] = (counts[name.trim()] ?? 0) + 1;
}
