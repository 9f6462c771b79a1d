/** The times of all deliveries and faults, fixed before the run begins, and the same for the same seed. */
import { createHash } from "node:crypto";
import { draw } from "../../../dev/simulator/engine/chance.ts";
import { dosesOf, type FaultKind, faultKinds, type RunOptions } from "./size.ts";
import { type SourceSlug, type StoryEvent, tellStory } from "./story.ts";

/** One request of a sender, which may carry several events, delivered one to four times. Times are from the start. */
export type Request = {
  readonly index: number;
  readonly source: SourceSlug;
  readonly events: readonly StoryEvent[];
  readonly deliveriesMs: readonly number[];
};

export type Fault = {
  readonly kind: FaultKind;
  readonly atMs: number;
  readonly lastsMs: number;
  /** A number from 0 to 1 for what a fault chooses by itself, such as which process it strikes. */
  readonly chance: number;
};

type Schedule = { readonly requests: readonly Request[]; readonly faults: readonly Fault[] };

const batchMax = 8;
const deliveriesMax = 4;
/** New events and faults end before the run does, so that what they leave still meets faults. */
const firstBefore = 0.8;
const strikeFrom = 0.03;
const strikeUntil = 0.88;

/** @returns everything that will be sent and everything that will be broken, in the order of time */
export function makeSchedule(asked: RunOptions): Schedule {
  const spanMs = asked.minutes * 60_000;
  const requests = bundled(asked, tellStory(asked)).map((events, index) =>
    requestOf(asked.seed, spanMs, index, events),
  );
  return { requests, faults: faultsOf(asked, spanMs) };
}

/** A hash that identifies a schedule. */
export function hashOf(schedule: Schedule): string {
  return createHash("sha256").update(JSON.stringify(schedule)).digest("hex").slice(0, 16);
}

/** Only one source sends batches. */
function bundled({ seed }: RunOptions, events: readonly StoryEvent[]): StoryEvent[][] {
  const bundles: StoryEvent[][] = [];
  let open: StoryEvent[] = [];
  let size = 0;
  for (const event of events) {
    if (event.source !== "bulk") {
      bundles.push([event]);
      continue;
    }
    if (open.length === 0) {
      size = 1 + Math.floor(draw(seed, "batch", event.index) * batchMax);
      bundles.push(open);
    }
    open.push(event);
    if (open.length >= size) open = [];
  }
  return bundles;
}

function requestOf(seed: number, spanMs: number, index: number, events: readonly StoryEvent[]): Request {
  const [first] = events;
  if (first === undefined) throw new Error("a request carries at least one event");
  // A withdrawal comes around the time of what it withdraws, before it or after.
  const twin = first.kind === "withdraws" ? first.index - 1 : first.index;
  const shift = first.kind === "withdraws" ? (draw(seed, "withdraws", twin) - 0.2) * 0.08 : 0;
  const base = Math.max(0, draw(seed, "first", twin) * firstBefore + shift) * spanMs;
  const times = 1 + Math.floor(draw(seed, "times", index) * deliveriesMax);
  const deliveriesMs = Array.from({ length: times }, (_, nth) => {
    if (nth === 0) return Math.round(base);
    const late = draw(seed, "late", index * deliveriesMax + nth);
    // Half of the redeliveries come at almost the same moment, as from a sender with two workers; the others much later.
    return Math.round(base + (late < 0.5 ? late * 100 : (late - 0.5) * 0.3 * spanMs));
  });
  return { index, source: first.source, events, deliveriesMs };
}

function faultsOf(asked: RunOptions, spanMs: number): Fault[] {
  const doses = dosesOf(asked);
  const faults = faultKinds.flatMap((kind) => {
    const { least, perMinute, minMs, maxMs } = doses[kind];
    const count = Math.max(least, Math.round(perMinute * asked.minutes));
    return Array.from({ length: count }, (_, nth): Fault => {
      const chance = (what: string) => draw(asked.seed, `${kind} ${what}`, nth);
      // One in each part of the time, so that no kind comes all at once.
      const when = strikeFrom + ((nth + chance("when")) / count) * (strikeUntil - strikeFrom);
      return {
        kind,
        atMs: Math.round(when * spanMs),
        lastsMs: Math.round(minMs + chance("lasts") * Math.max(0, maxMs - minMs)),
        chance: chance("choice"),
      };
    });
  });
  return faults.sort((one, other) => one.atMs - other.atMs);
}
