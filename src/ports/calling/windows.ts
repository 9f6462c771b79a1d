/** Calling hours of waiting calls. Types only. */
import type { LineVersion, VersionedLine } from "../../domain/calls/line.ts";

/** A waiting call's next calling hours; `null`: there will be none, and the call ends. */
export type NextWindow = {
  readonly id: string;
  readonly window: { readonly dueAt: number; readonly closesAt: number | null } | null;
};

export type WindowStore = {
  /** Waiting calls whose calling hours are over. */
  windowsPassed(line: string, limit: number): Promise<{ id: string; zones: string[] }[]>;
  line(slug: string): Promise<VersionedLine | null>;
  /** @returns `false`: the line has another version than the one that the windows were computed by; nothing is written */
  rewindow(line: LineVersion, windows: readonly NextWindow[]): Promise<boolean>;
};
