/**
 * Rejections of one isolate on their way to their inboxes: at most one batch per second and source, whatever the flood.
 * The first rejection is sent at once. Rejections of the next second wait as plain data until that second is over.
 * Rejections beyond the bounds are only counted.
 *
 * Not guaranteed: an isolate that ends within that second loses its waiting batch.
 */
import { rejectionBodiesBytesMax, rejectionsPerSourceMax } from "../domain/limits.ts";
import { isFailedSignature } from "../flows/ingest/failed-signature.ts";
import { withoutBody } from "../flows/ingest/rejected-body.ts";
import { lru } from "../platform/lru.ts";
import type { NotSent, Rejection } from "../ports/ingest/rejections.ts";

const batchEveryMs = 1_000;

/** Delay after which the request that should send a batch counts as lost. The next rejected request sends it. */
const lateMs = 2_000;

/** Sources whose batches one isolate holds. */
const sourcesMax = 1_000;

type Batch = { sentAt: number; rejections: Rejection[]; bytes: number; notSent: NotSent; dueAt: number | null };

type BatchDeps = {
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
  readonly send: (slug: string, rejections: readonly Rejection[], notSent: NotSent) => Promise<void>;
};

const none: NotSent = { refused: 0, failedSignatures: 0 };

type RejectionBatches = {
  /** Adds a rejection of a source. Resolves when this request has nothing left to do for it. */
  add(slug: string, one: Rejection): Promise<void>;
  /** Whether the next rejection of a source is sent. If it is only counted, it needs no evidence. */
  hasRoom(slug: string): boolean;
};

export function rejectionBatches({ now, pause, send }: BatchDeps): RejectionBatches {
  const batches = lru<Batch>(sourcesMax);

  const batchOf = (slug: string): Batch => {
    const known = batches.get(slug);
    if (known !== undefined) return known;
    const made: Batch = { sentAt: Number.NEGATIVE_INFINITY, rejections: [], bytes: 0, notSent: none, dueAt: null };
    batches.set(slug, made);
    return made;
  };

  const hasRoom = ({ rejections }: Batch): boolean => rejections.length < rejectionsPerSourceMax;

  const addTo = (batch: Batch, one: Rejection): void => {
    const bytes = one.kept?.body?.byteLength ?? 0;
    if (hasRoom(batch)) {
      const fits = batch.bytes + bytes <= rejectionBodiesBytesMax;
      batch.rejections.push(fits ? one : withoutBody(one));
      if (fits) batch.bytes += bytes;
    } else {
      const { refused, failedSignatures } = batch.notSent;
      batch.notSent = {
        refused: refused + 1,
        failedSignatures: failedSignatures + (isFailedSignature(one.code) ? 1 : 0),
      };
    }
  };

  const flush = async (slug: string, batch: Batch): Promise<void> => {
    const { rejections, notSent } = batch;
    Object.assign(batch, { sentAt: now(), rejections: [], bytes: 0, notSent: none, dueAt: null });
    await send(slug, rejections, notSent);
  };

  return {
    hasRoom: (slug) => hasRoom(batchOf(slug)),
    async add(slug, one) {
      const batch = batchOf(slug);
      addTo(batch, one);
      if (batch.dueAt !== null && now() - batch.dueAt < lateMs) return;
      const waitMs = batch.sentAt + batchEveryMs - now();
      if (waitMs > 0) {
        batch.dueAt = now() + waitMs;
        await pause(waitMs);
      }
      await flush(slug, batch);
    },
  };
}
