/**
 * Trouble with a sender's API: what `/readyz`, a source's page, the API and `doctor` say of it. Pure.
 *
 * The general rule: a source has a fetch problem from the first answer of its API that leaves an event waiting or without its record,
 * until the API gives a record (or says 404, which is an answer too) and no event waits for another try.
 *
 * A deleted record is a 404 as well, so a few are no problem. An API that knows none of {@link missingRunMax} records in a row, with no
 * record given since the last change of the source, is asked at the wrong address: that is a problem until it gives a record.
 */
import { explain } from "../reasons.ts";
import type { FetchAnswer, FetchProblem } from "./fetch.ts";

/** Records in a row that an API may not know before that is a problem of its source. Several events of one record in one round are one. */
export const missingRunMax = 5;

/** The last failing answer: which record was asked for, with the HTTP status, or the code of the failure. */
export type FailedAnswer = {
  readonly fetch: string;
  readonly status: number | null;
  readonly problem: string | null;
};

/** The state of a source's failing API. Moments are epoch milliseconds. */
export type FetchTrouble = {
  /** GETs that failed since the problem began. */
  readonly tries: number;
  /** `null`: nothing was asked, as without a credential. */
  readonly answer: FailedAnswer | null;
  /** When the next event is tried; `null`: none waits. */
  readonly nextAt: number | null;
  /** Events that wait for a record, counted up to a bound. */
  readonly waiting: number;
};

const failures: Readonly<Partial<Record<FetchAnswer["kind"], string>>> = {
  timeout: "It did not answer in time",
  lost: "It could not be reached",
  unreadable: "Its answer is no JSON or lacks the record",
  too_large: "Its answer is too large",
};

/** The problem in the operator's words, with its facts and the next step. */
export function troubleSentence(
  code: FetchProblem,
  { tries, answer, nextAt, waiting }: FetchTrouble,
  source: string,
): string {
  const asked = answer === null ? "" : `${whatItSaid(answer)} when \`${answer.fetch}\` was fetched.`;
  const tried = tries === 0 ? "" : tries === 1 ? "One try has failed." : `${tries} tries have failed.`;
  const waits = waiting === 1 ? "One event waits" : `${waiting} events wait`;
  const next =
    waiting === 0 || nextAt === null
      ? "No event waits for it now."
      : `${waits}; the next try is at ${new Date(nextAt).toISOString()}, and \`hookline fetch-now ${source}\` tries at once.`;
  return [explain(code), asked, tried, next].filter((part) => part !== "").join(" ");
}

function whatItSaid({ status, problem }: FailedAnswer): string {
  if (status !== null) return `It answered ${status}`;
  return failures[problem as FetchAnswer["kind"]] ?? `It failed (${problem ?? "unknown"})`;
}
