/**
 * Why something ended, waits or was refused: stable codes, each with the operator's sentence and the client's.
 *
 * The operator's says what to look at; the client's says no more than an outsider may know.
 */
import { callReasons } from "./call-reasons.ts";
import { problemReasons, type ReadinessCode, type Severity, severities } from "./problem-reasons.ts";

/** Every reason by its code. Codes are stored and on the wire: they never change. */
export const reasons = { ...callReasons, ...problemReasons };

export type ReasonCode = keyof typeof reasons;

/** Why a line is paused that no good answer of Mihu's can mend: only a person ends such a pause. */
export const endedByPerson: readonly string[] = [
  "paused_by_person",
  "all_paused",
  "database_went_back",
] satisfies ReasonCode[];

/** Reasons of pauses that a person caused on purpose. */
export const wantedPauses: readonly string[] = ["paused_by_person", "all_paused"] satisfies ReasonCode[];

/** @returns the severity of a problem, or of the reason why a line is paused; `error` for a code of another version. */
export function severityOf(code: string): Severity {
  return Object.hasOwn(problemReasons, code) ? problemReasons[code as ReadinessCode].severity : "error";
}

/** @returns a negative number if the first severity is the worse one, for a sort */
export function compareSeverity(one: Severity, other: Severity): number {
  return severities.indexOf(one) - severities.indexOf(other);
}

/** @returns the operator's sentence of a stored code; an unknown one (an older or newer version wrote it) is shown as it is. */
export function explain(code: string): string {
  return Object.hasOwn(reasons, code) ? reasons[code as ReasonCode].operator : code;
}
