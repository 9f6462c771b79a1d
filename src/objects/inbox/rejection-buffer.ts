/**
 * What an inbox refused: a ring of the newest, written at most once a second, so that a flood of bad requests costs Postgres nothing. Of
 * bodies it holds, and writes in a minute, some megabytes: past that rejections are kept without.
 */
import {
  rejectionBodiesBytesMax,
  rejectionBodiesWindowMs,
  rejectionsPerSourceMax,
  rejectionWriteMs,
} from "../../domain/limits.ts";
import { withoutBody } from "../../flows/ingest/rejected-body.ts";
import { byteBudget } from "../../platform/byte-budget.ts";
import type { Log } from "../../platform/log.ts";
import type { Rejection, RejectionStore } from "../../ports/ingest/inbox.ts";
import type { Clock } from "../../ports/runtime.ts";

/** How long the ring waits for a Postgres that did not take it. */
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

  /** While Postgres is away the ring goes on holding what it has. */
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
