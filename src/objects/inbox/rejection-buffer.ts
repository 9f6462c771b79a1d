/**
 * Rejections of an inbox: a ring of the newest, written at most once a second, so that a flood of bad requests does not reach Postgres.
 * Bodies have a byte budget, in memory and per minute of writing; past it rejections are stored without their bodies.
 */
import { rejectionBodiesBytesMax, rejectionBodiesWindowMs, rejectionsPerSourceMax } from "../../domain/limits.ts";
import { withoutBody } from "../../flows/ingest/rejected-body.ts";
import { byteBudget } from "../../platform/byte-budget.ts";
import type { Log } from "../../platform/log.ts";
import type { Rejection, RejectionStore } from "../../ports/ingest/rejections.ts";
import type { Clock } from "../../ports/runtime.ts";

/** Shortest pause between two writes of rejections. */
const rejectionWriteMs = 1_000;

/** Pause before a batch that Postgres did not take is written again. */
const awayPauseMs = 15_000;

/** @returns adds a rejection of a source */
export function rejectionBuffer(deps: {
  rejections: RejectionStore;
  clock: Clock;
  log: Log;
}): (slug: string, one: Rejection) => void {
  let ring: Rejection[] = [];
  let due = false;
  const bodies = byteBudget(rejectionBodiesBytesMax, rejectionBodiesWindowMs);

  const later = (slug: string, ms: number): void => {
    if (due) return;
    due = true;
    setTimeout(() => void write(slug), ms);
  };

  const write = async (slug: string): Promise<void> => {
    due = false;
    const batch = ring;
    ring = [];
    try {
      await deps.rejections.write(slug, batch);
    } catch (error) {
      deps.log.warn("rejections not written yet", { source: slug, count: batch.length, error });
      ring = [...batch, ...ring].slice(-rejectionsPerSourceMax);
      later(slug, awayPauseMs);
    }
  };

  /** Bytes of bodies in the ring, which grows while Postgres is down. */
  const held = (): number => ring.reduce((sum, one) => sum + bodyBytesOf(one), 0);

  return (slug, one) => {
    const bytes = bodyBytesOf(one);
    const fits = bytes === 0 || (held() + bytes <= rejectionBodiesBytesMax && bodies.take(bytes, deps.clock.now()));
    ring = [...ring, fits ? one : withoutBody(one)].slice(-rejectionsPerSourceMax);
    later(slug, rejectionWriteMs);
  };
}

function bodyBytesOf({ kept }: Rejection): number {
  return kept?.body?.byteLength ?? 0;
}
