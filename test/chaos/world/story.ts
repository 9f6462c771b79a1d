/** Events of every kind, made from a seed. Each has a token that its call repeats. */
import { draw } from "../../../dev/simulator/engine/chance.ts";
import { linesOf, type RunOptions } from "./size.ts";

/** Each kind has a rule of its own, or none, and an end that is right for it. */
export const eventKinds = [
  "live",
  "again",
  "once",
  "same_number",
  "withdrawn",
  "withdraws",
  "shadow",
  "noise",
  "unmatched",
  "no_number",
  "placeholder",
  "burst",
] as const;
type EventKind = (typeof eventKinds)[number];

/** Kinds that a phone may ring for. */
export const ringingKinds: ReadonlySet<EventKind> = new Set([
  "live",
  "again",
  "once",
  "same_number",
  "withdrawn",
  "burst",
]);

export const sourceSlugs = ["shop", "desk", "zap", "bulk"] as const;
export type SourceSlug = (typeof sourceSlugs)[number];

export type StoryEvent = {
  readonly index: number;
  /** Stands in the text of its call, and so in the simulator's ledger. */
  readonly token: string;
  readonly source: SourceSlug;
  /** Its sender's id of it. */
  readonly id: string;
  readonly type: string;
  readonly kind: EventKind;
  readonly line: string;
  readonly body: Readonly<Record<string, unknown>>;
};

/** The type that rules ask for, and one that none does. */
export const wantedType = "order.changed";
const noiseType = "order.viewed";

const weights: readonly (readonly [EventKind, number])[] = [
  ["live", 60],
  ["again", 6],
  ["once", 6],
  ["same_number", 4],
  ["withdrawn", 4],
  ["shadow", 5],
  ["noise", 5],
  ["unmatched", 4],
  ["no_number", 2],
  ["placeholder", 2],
  ["burst", 2],
];
const sourceWeights: readonly (readonly [SourceSlug, number])[] = [
  ["shop", 35],
  ["desk", 30],
  ["zap", 15],
  ["bulk", 20],
];

/** Customers that are rung more than once, one after another. */
export const sharedNumbers = 3;
/** Events of kind `once` that share a key. */
const sameKey = 3;

/** @returns the token in a call's text; `null` where there is none */
export function tokenIn(text: string | null): string | null {
  return /\bT-\d{6}\b/.exec(text ?? "")?.[0] ?? null;
}

/** Makes the events of a run; the same for the same seed. A `withdrawn` one is followed by the one that withdraws it. */
export function tellStory(asked: RunOptions): StoryEvent[] {
  const lines = linesOf(asked).map((line) => [line.slug, line.share] as const);
  const events: StoryEvent[] = [];
  for (let turn = 0; events.length < asked.events; turn++) {
    const chance = (what: string) => draw(asked.seed, what, turn);
    const kind = weighted(weights, chance("kind"));
    const source = weighted(sourceWeights, chance("source"));
    // A call that will be withdrawn has to wait.
    const line = kind === "withdrawn" ? "narrow" : weighted(lines, chance("line"));
    const subject = eventOf(events.length, source, kind, line);
    events.push(subject);
    if (kind === "withdrawn" && events.length < asked.events)
      events.push(withdrawalOf(eventOf(events.length, source, "withdraws", line), subject));
  }
  return events;
}

/** @returns one event, made of nothing but its place in the story */
export function eventOf(index: number, source: SourceSlug, kind: EventKind, line: string): StoryEvent {
  const token = `T-${String(index).padStart(6, "0")}`;
  const type = kind === "noise" ? noiseType : wantedType;
  return {
    index,
    token,
    source,
    id: `${source}-${index}`,
    type,
    kind,
    line,
    body: {
      id: `${source}-${index}`,
      type,
      name: `#${index}`,
      record: `R${index}`,
      token,
      kind,
      line,
      phone:
        kind === "no_number" ? "unknown" : customerNumber(kind === "same_number" ? index % sharedNumbers : index + 100),
      key: `K${Math.floor(index / (sameKey * 16))}`,
      withdrawn: false,
      ...(kind === "placeholder" ? {} : { first_name: "Ada" }),
    },
  };
}

function withdrawalOf(event: StoryEvent, subject: StoryEvent): StoryEvent {
  return { ...event, body: { ...event.body, record: subject.body.record, withdrawn: true } };
}

export function customerNumber(nth: number): string {
  return `+1415${2_000_000 + nth}`;
}

function weighted<Value>(choices: readonly (readonly [Value, number])[], drawn: number): Value {
  const total = choices.reduce((sum, [, weight]) => sum + weight, 0);
  let left = drawn * total;
  for (const [value, weight] of choices) {
    left -= weight;
    if (left < 0) return value;
  }
  const [first] = choices;
  if (first === undefined) throw new Error("there is nothing to choose from");
  return first[0];
}
