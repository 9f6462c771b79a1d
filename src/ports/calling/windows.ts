/** Calling hours of waiting calls. Types only. */
import type { LineVersion, VersionedLine } from "../../domain/calls/line.ts";

/** Next calling hours of a waiting call; null if there are none, so the call ends. */
export type NextWindow = {
  readonly id: string;
  readonly window: { readonly dueAt: number; readonly closesAt: number | null } | null;
};

export type WindowStore = {
  /** Waiting calls outside their calling hours. */
  windowsPassed(line: string, limit: number): Promise<{ id: string; zones: string[] }[]>;
  line(slug: string): Promise<VersionedLine | null>;
  /** @returns False if the line has changed since the windows were computed; then nothing is written. */
  rewindow(line: LineVersion, windows: readonly NextWindow[]): Promise<boolean>;
};
