/**
 * Rejections of an inbox: a ring buffer of the newest, written at most once a second, so that a flood of bad requests
 * does not reach Postgres. Bodies have a byte budget in memory and per minute. Beyond it, rejections are stored without
 * bodies. All are counted per minute.
 */
import { rejectionBodiesBytesMax, rejectionBodiesWindowMs, rejectionsPerSourceMax } from "../../domain/limits.ts";
import { isFailedSignature } from "../../flows/ingest/failed-signature.ts";
import { withoutBody } from "../../flows/ingest/rejected-body.ts";
import type { Log } from "../../platform/log.ts";
import { windowBudget } from "../../platform/window-budget.ts";
import type { NotSent, RefusedMinute, Rejection, RejectionStore } from "../../ports/ingest/rejections.ts";
import type { Clock } from "../../ports/runtime.ts";

/** Shortest pause between two writes of rejections. */
const rejectionWriteMs = 1_000;

/** Pause before a batch that Postgres did not store is written again. */
const awayPauseMs = 15_000;

/** Highest number of minutes whose counts wait for Postgres. */
const minutesWaitingMax = 120;

type RejectionBuffer = {
  add(slug: string, one: Rejection): void;
  /** Counts rejections without any further data. */
  count(slug: string, notSent: NotSent): void;
};

/** Buffers the rejections of a source. */
export function rejectionBuffer(deps: { rejections: RejectionStore; clock: Clock; log: Log }): RejectionBuffer {
  let ring: Rejection[] = [];
  let minutes: readonly RefusedMinute[] = [];
  let due = false;
  const bodies = windowBudget(rejectionBodiesBytesMax, rejectionBodiesWindowMs);

  const later = (slug: string, ms: number): void => {
    if (due) return;
    due = true;
    setTimeout(() => void write(slug), ms);
  };

  const write = async (slug: string): Promise<void> => {
    due = false;
    const batch = ring;
    const counted = minutes;
    ring = [];
    minutes = [];
    try {
      await deps.rejections.write(slug, batch, counted);
    } catch (error) {
      deps.log.warn("rejections not written yet", { source: slug, count: batch.length, error });
      ring = [...batch, ...ring].slice(-rejectionsPerSourceMax);
      minutes = counted.reduce(added, minutes).slice(-minutesWaitingMax);
      later(slug, awayPauseMs);
    }
  };

  /** Bytes of bodies in the ring, which grows while Postgres is down. */
  const held = (): number => ring.reduce((sum, one) => sum + bodyBytesOf(one), 0);

  const count = (refused: number, failedSignatures: number, notStored: number): void => {
    const at = Math.floor(deps.clock.now() / minuteMs) * minuteMs;
    minutes = added(minutes, { at, refused, failedSignatures, notStored }).slice(-minutesWaitingMax);
  };

  const add = (slug: string, one: Rejection): void => {
    const bytes = bodyBytesOf(one);
    const fits = bytes === 0 || (held() + bytes <= rejectionBodiesBytesMax && bodies.take(bytes, deps.clock.now()));
    const longer = [...ring, fits ? one : withoutBody(one)];
    ring = longer.slice(-rejectionsPerSourceMax);
    count(1, isFailedSignature(one.code) ? 1 : 0, longer.length - ring.length);
    later(slug, rejectionWriteMs);
  };

  return {
    add,
    count(slug, { refused, failedSignatures }) {
      if (refused === 0) return;
      count(refused, failedSignatures, refused);
      later(slug, rejectionWriteMs);
    },
  };
}

const minuteMs = 60_000;

/** Adds counts to those of their minute. */
function added(minutes: readonly RefusedMinute[], more: RefusedMinute): RefusedMinute[] {
  const before = minutes.find(({ at }) => at === more.at);
  if (before === undefined) return [...minutes, more].sort((one, other) => one.at - other.at);
  const sum = {
    at: more.at,
    refused: before.refused + more.refused,
    failedSignatures: before.failedSignatures + more.failedSignatures,
    notStored: before.notStored + more.notStored,
  };
  return minutes.map((one) => (one === before ? sum : one));
}

function bodyBytesOf({ kept }: Rejection): number {
  return kept?.body?.byteLength ?? 0;
}
