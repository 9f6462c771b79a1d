/** The part of an inbox's object that its commits and its upkeep use. */
import type { Log } from "../../platform/log.ts";
import type { EventStore } from "../../ports/ingest/events.ts";
import type { InboxName } from "./name.ts";

export type InboxHost = {
  readonly name: InboxName;
  /** Sets the object's alarm, unless a sooner one is set. The caller does not wait; a failure is logged. */
  arm(at: number): void;
  /** Keeps the object awake while this work runs. */
  waitUntil(work: Promise<unknown>): void;
  readonly logFailure: FailureLog;
};

/** Logs a failed Postgres operation: a warning while Postgres is down, an error otherwise. */
type FailureLog = (message: string, error: unknown, fields?: Readonly<Record<string, number>>) => void;

/** @param slug the inbox's source, once it is known */
export function failureLog(
  { events, log }: { events: Pick<EventStore, "isAway">; log: Log },
  slug: () => string | null,
): FailureLog {
  return (message, error, fields = {}) =>
    log[events.isAway(error) ? "warn" : "error"](message, { source: slug(), ...fields, error });
}
