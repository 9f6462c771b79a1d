/** The judge has to see what is wrong: a run of the whole is only as good as this. */
import { describe, expect, test } from "vitest";
import type { Post, Ring } from "../../../dev/simulator/engine/types.ts";
import type { AnsweredStop } from "../world/operator.ts";
import { linesOf } from "../world/size.ts";
import { type StoryEvent, tellStory } from "../world/story.ts";
import type { Struck } from "../world/strike.ts";
import type { CallRow } from "../world/truth.ts";
import { type Evidence, type Judgement, judge } from "./judge.ts";

const asked = { events: 100, seed: 1, minutes: 1, quietMinutes: 1, hasten: false };
const lines = linesOf(asked);
const agent = lines[0]?.agent ?? "";
const t = 1_700_000_000_000;
const live = found((event) => event.kind === "live");
const shadow = found((event) => event.kind === "shadow");

function found(which: (event: StoryEvent) => boolean): StoryEvent {
  const event = tellStory(asked).find(which);
  if (event === undefined) throw new Error("the story has no such event");
  return event;
}

const ring = (more: Partial<Ring> = {}): Ring => ({
  at: t,
  endedAt: t + 500,
  agentId: agent,
  number: "+14152000001",
  about: `about ${live.token}`,
  prompt: "",
  overwrite: false,
  greeting: null,
  conversation_uuid: "conversation-1",
  id: "ring-1",
  request: 1,
  outcome: "completed",
  ...more,
});
const post = (more: Partial<Post> = {}): Post => ({
  at: t,
  agentId: agent,
  number: "+14152000001",
  about: `about ${live.token}`,
  fault: "none",
  ringId: "ring-1",
  ...more,
});
const call = (more: Partial<CallRow> = {}): CallRow => ({
  id: "call-1",
  eventId: "event-1",
  try: 1,
  rule: "on-wide",
  line: "wide",
  status: "ended",
  reason: null,
  outcome: "completed",
  number: "+14152000001",
  claimedAt: t - 20,
  conversationUuid: "conversation-1",
  mihuId: "ring-1",
  unknownReason: null,
  ...more,
});

/** One event that was accepted, dialled and rung. */
const good: Evidence = {
  accepted: new Map([["event-1", live]]),
  truth: { events: [{ id: "event-1", state: "planned", reason: null }], calls: [call()] },
  rings: [ring()],
  posts: [post()],
  struck: [],
  stops: [],
  forged: new Set(),
  lines,
  paceUntil: Number.POSITIVE_INFINITY,
};
const stop = (more: Partial<AnsweredStop>): AnsweredStop => ({
  ...{ kind: "suppression", from: t - 1, until: t + 60_000 },
  concerns: (_, number) => number === "+14152000001",
  ...more,
});
const withCalls = (calls: CallRow[], more: Partial<Evidence> = {}): Evidence => ({
  ...good,
  truth: { ...good.truth, calls },
  ...more,
});
const review = (more: Partial<CallRow> = {}) =>
  call({ status: "review", reason: "not_found", outcome: null, conversationUuid: null, mihuId: null, ...more });
const kill: Struck = { kind: "kill", from: t, until: t + 1_000 };

const lists = [
  "rungTwice",
  "sentAgain",
  "rungWrongly",
  "rungAtOnce",
  "rungAfterStop",
  "rungForged",
  "notRung",
  "lost",
  "unexplained",
] as const satisfies (keyof Judgement)[];
const wrongIn = (judgement: Judgement) => lists.filter((name) => judgement[name].length > 0);

test("an event that was accepted, dialled and rung once is good", () => {
  const judgement = judge(good);
  expect(wrongIn(judgement)).toEqual([]);
  expect(judgement).toMatchObject({ accepted: 1, rungOnce: 1, outcomes: { completed: 1 } });
});

describe("what is wrong is named", () => {
  test.each<[string, (typeof lists)[number][], Evidence]>([
    [
      "a second ring",
      ["rungTwice"],
      { ...good, rings: [ring(), ring({ id: "ring-2", at: t + 9_000, endedAt: t + 9_500 })] },
    ],
    ["a ring that no call knows of", ["rungTwice", "notRung"], withCalls([call({ mihuId: "ring-9" })])],
    [
      "a ring of a call that was canceled",
      ["rungTwice"],
      withCalls([call({ status: "canceled", reason: "withdrawn" })]),
    ],
    [
      "a request sent again after it may have rung",
      ["sentAgain"],
      { ...good, posts: [post({ fault: "before_500", ringId: null }), post()] },
    ],
    ["two calls that took one ring", ["notRung"], withCalls([call(), call({ id: "call-2", try: 2 })])],
    ["a call said to be placed, and no ring", ["notRung"], { ...good, rings: [] }],
    [
      "a ring for what was in shadow",
      ["rungWrongly"],
      { ...good, accepted: new Map([["event-1", shadow]]), rings: [ring({ about: shadow.token })], posts: [] },
    ],
    ["a request sent after an answer said that it would not be", ["rungAfterStop"], { ...good, stops: [stop({})] }],
    [
      "a request sent long after a stop that could not be confirmed",
      ["rungAfterStop"],
      { ...good, stops: [stop({ from: t - 2_501 })] },
    ],
    ["a ring for a removed secret", ["rungForged"], { ...good, forged: new Set([live.token]) }],
    [
      "a number rung while it was being rung",
      ["rungAtOnce"],
      withCalls([call(), call({ id: "call-2", try: 2, mihuId: "ring-2" })], {
        rings: [ring(), ring({ id: "ring-2", at: t + 100 })],
        posts: [post(), post()],
      }),
    ],
    [
      "an accepted event that is not there",
      ["lost"],
      { ...good, accepted: new Map([...good.accepted, ["event-2", shadow]]) },
    ],
    [
      "an event that was never planned",
      ["lost"],
      { ...good, truth: { ...good.truth, events: [{ id: "event-1", state: "unplanned", reason: null }] } },
    ],
    ["a planned event without a call", ["lost", "rungTwice", "sentAgain"], withCalls([])],
    ["a call that has no end", ["lost"], withCalls([call({ status: "unknown" })])],
    ["a review though nothing broke", ["unexplained"], withCalls([review()], { rings: [], posts: [] })],
    [
      "a review of a call that rang and could be found",
      ["unexplained"],
      withCalls([review()], { posts: [post({ fault: "after_500" })] }),
    ],
    [
      "a review after an answer that said it did not ring",
      ["unexplained"],
      withCalls([review()], { rings: [], posts: [post({ fault: "before_429", ringId: null })] }),
    ],
    [
      "a review whose only fault was over long before",
      ["unexplained"],
      withCalls([review()], { rings: [], posts: [], struck: [{ ...kill, from: t - 60_000, until: t - 59_000 }] }),
    ],
  ])("%s", (_, wrong, evidence) => {
    expect(wrongIn(judge(evidence)).sort()).toEqual([...wrong].sort());
  });
});

describe("a stop allows", () => {
  test.each<[string, Partial<AnsweredStop>]>([
    ["what was sent before its answer", { from: t + 1 }],
    ["what is sent once it is taken back", { until: t }],
    ["what it does not concern", { concerns: () => false }],
    ["what may begin until a time that the answer names", { from: t + 1 }],
  ])("%s", (_, more) => {
    expect(wrongIn(judge({ ...good, stops: [stop(more)] }))).toEqual([]);
  });
});

describe("a review is explained", () => {
  test.each<[string, Evidence]>([
    [
      "by an error that hides whether it rang",
      withCalls([review()], { rings: [], posts: [post({ fault: "before_500", ringId: null })] }),
    ],
    ["by a kill between the claim and the request", withCalls([review()], { rings: [], posts: [], struck: [kill] })],
    [
      "by a kill before an answer was recorded",
      withCalls([review()], { rings: [], posts: [post({ fault: "before_429", ringId: null })], struck: [kill] }),
    ],
  ])("%s", (_, evidence) => {
    const judgement = judge(evidence);
    expect(wrongIn(judgement)).toEqual([]);
    expect(Object.keys(judgement.reviews)).toHaveLength(1);
  });
});

describe("a review of a call that rang, beside a review of a call to the same number", () => {
  const other = found((event) => event.kind === "live" && event.token !== live.token);
  const beside = (ms: number): Evidence => ({
    ...good,
    accepted: new Map([...good.accepted, ["event-2", other]]),
    truth: {
      events: ["event-1", "event-2"].map((id) => ({ id, state: "planned", reason: null })),
      calls: [review(), review({ id: "call-2", eventId: "event-2", claimedAt: t - ms })],
    },
    posts: [
      post({ fault: "before_500", ringId: null, about: `about ${other.token}`, at: t - ms + 20 }),
      post({ fault: "after_503" }),
    ],
  });
  test("is explained if Mihu's one call may be either", () => {
    expect(wrongIn(judge(beside(30_000)))).toEqual([]);
  });
  test("is not explained if the other claim is too old for that", () => {
    expect(wrongIn(judge(beside(600_000)))).toEqual(["unexplained"]);
  });
});

test("a request that Mihu refused for a reason of ours may be sent again", () => {
  const refused = post({ fault: "before_401", ringId: null, at: t - 5_000 });
  expect(wrongIn(judge({ ...good, posts: [refused, post()] }))).toEqual([]);
});

test("the pace is the most that any sixty seconds saw, and the most at one moment", () => {
  const posts = Array.from({ length: 5 }, (_, nth) => post({ at: t + nth * 15_000 }));
  const rings = [ring({ endedAt: t + 30_000 }), ring({ id: "ring-2", at: t + 10_000, endedAt: null })];
  const [pace] = judge({ ...good, posts, rings }).pace;
  expect(pace).toMatchObject({ line: "wide", perMinute: 4, atOnce: 2 });
});
