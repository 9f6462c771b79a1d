/**
 * Why something ended, waits or was refused: stable codes, each with the operator's sentence and the client's.
 *
 * The operator's says what to look at; the client's says no more than an outsider may know.
 */
import { callReasons } from "./call-reasons.ts";
import { problemReasons } from "./problem-reasons.ts";

/** Every reason by its code. Codes are stored and on the wire: they never change. */
export const reasons = { ...callReasons, ...problemReasons };

export type ReasonCode = keyof typeof reasons;

/** Why a line is paused that no good answer of Mihu's can mend: only a person ends such a pause. */
export const endedByPerson: readonly string[] = [
  "paused_by_person",
  "all_paused",
  "database_went_back",
] satisfies ReasonCode[];

/** Problems in `/readyz` that a person caused on purpose: nothing is wrong because of them. */
export const wantedProblems: readonly string[] = ["source_paused"] satisfies ReasonCode[];

/** Reasons of pauses that a person caused on purpose. */
export const wantedPauses: readonly string[] = ["paused_by_person", "all_paused"] satisfies ReasonCode[];

/** @returns the operator's sentence of a stored code; an unknown one (an older or newer version wrote it) is shown as it is. */
export function explain(code: string): string {
  return Object.hasOwn(reasons, code) ? reasons[code as ReasonCode].operator : code;
}
