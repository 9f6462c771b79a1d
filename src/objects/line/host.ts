/** The part of a line's object that its dialler and its upkeep use. */
import type { ObjectAlarm } from "../alarm.ts";

export type LineHost = {
  /** The line's slug; empty until a caller names it. */
  slug(): string;
  readonly nextAlarm: Pick<ObjectAlarm, "arm">;
  /** Keeps the object awake while this work runs. */
  waitUntil(work: Promise<unknown>): void;
};
