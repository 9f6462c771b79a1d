/** What an inbox refused: a ring of the newest, written at most once a second, so that a flood of bad requests costs Postgres nothing. */
import { rejectionsPerSourceMax, rejectionWriteMs } from "../domain/limits.ts";
import type { Log } from "../platform/log.ts";
import type { Rejection, RejectionStore } from "../ports/inbox.ts";

/** How long the ring waits for a Postgres that did not take it. */
const awayPauseMs = 15_000;

/** @returns adds a rejection of a source */
export function refusals(parts: { rejections: RejectionStore; log: Log }): (slug: string, one: Rejection) => void {
  let ring: Rejection[] = [];
  let due = false;

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
      await parts.rejections.write(slug, batch);
    } catch (error) {
      parts.log.warn("rejections not written yet", { source: slug, count: batch.length, error });
      ring = [...batch, ...ring].slice(-rejectionsPerSourceMax);
      later(slug, awayPauseMs);
    }
  };

  return (slug, one) => {
    ring = [...ring, one].slice(-rejectionsPerSourceMax);
    later(slug, rejectionWriteMs);
  };
}
