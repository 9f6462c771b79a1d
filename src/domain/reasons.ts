/**
 * Why something ended, waits or was refused: stable codes, each with what happened and what to do next.
 */
import { callReasons, type Explanation } from "./call-reasons.ts";
import { hookReasons } from "./hook-reasons.ts";
import { type Severity, severities } from "./pause-reasons.ts";
import { problemReasons, type ReadinessCode } from "./problem-reasons.ts";
import { taskReasons } from "./tasks/task-reasons.ts";

/** All reasons by code. Codes are stored and part of the API, so they never change. */
export const reasons = { ...callReasons, ...hookReasons, ...problemReasons, ...taskReasons };

export type ReasonCode = keyof typeof reasons;

/** Reasons for a line's pause that no later answer of Mihu can end. Only a person ends such a pause. */
export const endedByPerson: readonly string[] = [
  "paused_by_person",
  "all_paused",
  "database_went_back",
] satisfies ReasonCode[];

/** Reasons for pauses that a person caused intentionally. */
export const wantedPauses: readonly string[] = ["paused_by_person", "all_paused"] satisfies ReasonCode[];

/** @returns Severity of a problem, or of a line's pause reason; `error` for a code of another version. */
export function severityOf(code: string): Severity {
  return Object.hasOwn(problemReasons, code) ? problemReasons[code as ReadinessCode].severity : "error";
}

/** @returns A negative number if the first severity is worse, for sorting. */
export function compareSeverity(one: Severity, other: Severity): number {
  return severities.indexOf(one) - severities.indexOf(other);
}

/** @returns what happened and what to do next; an unknown code (an older or newer version wrote it) as it is. */
export function explain(code: string): string {
  const { what, next } = explanationOf(code);
  return next === null ? what : `${what} ${next}`;
}

/** @returns a stored code in words; an unknown one is its own words */
export function explanationOf(code: string): Explanation {
  return Object.hasOwn(reasons, code) ? reasons[code as ReasonCode] : { what: code, next: null };
}
