/**
 * Problems with a sender's API, as `/readyz`, a source's page, the API and `doctor` report them. Pure.
 *
 * Rule: a problem begins with the first answer that leaves an event waiting or without its record. It ends when the API
 * returns a record (or 404, which is an answer too) and no event waits for another try.
 *
 * A deleted record also gives 404, so a few are no problem. {@link missingRunMax} different records in a row with 404,
 * and none returned since the source was last changed, mean a wrong URL. That is a problem until the API returns a
 * record.
 */
import { explanationOf } from "../reasons.ts";
import type { FetchAnswer, FetchProblem } from "./fetch.ts";

/**
 * Records in a row with 404 before that is a problem of the source. Several events of one record in one round count
 * once.
 */
export const missingRunMax = 5;

/** The latest failing answer: the requested record, with the HTTP status or the code of the failure. */
export type FailedAnswer = {
  readonly fetch: string;
  readonly status: number | null;
  readonly problem: string | null;
};

/** State of a source's failing API. Times are epoch milliseconds. */
export type FetchTrouble = {
  /** Failed GETs since the problem began. */
  readonly tries: number;
  /** `null`: no request was sent, for example without a credential. */
  readonly answer: FailedAnswer | null;
  /** Time of the next try; null if no event waits. */
  readonly nextAt: number | null;
  /** Events that wait for a record, counted up to a limit. */
  readonly waiting: number;
};

const failures: Readonly<Partial<Record<FetchAnswer["kind"], string>>> = {
  timeout: "It did not answer in time",
  lost: "It could not be reached",
  unreadable: "Its answer is not JSON, or lacks the record",
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
  const said = explanationOf(code);
  return [said.what, asked, tried, next, said.next ?? ""].filter((part) => part !== "").join(" ");
}

function whatItSaid({ status, problem }: FailedAnswer): string {
  if (status !== null) return `It answered ${status}`;
  return failures[problem as FetchAnswer["kind"]] ?? `It failed (${problem ?? "unknown"})`;
}
