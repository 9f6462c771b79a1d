import type { Reader } from "../../views/reader.ts";
import type { ApiProblem } from "../page.ts";
import { wordsOf } from "../page-words.ts";
import { Sentence } from "../parts/bits.tsx";
import { Layout } from "./layout.tsx";
import { amount } from "./notices.tsx";

/** All failures of a page, in words for its reader. */
const failures = {
  not_ours: {
    status: 403,
    title: "This form was not sent from Hookline's pages",
    text: "Nothing was done. Go back, reload the page, and send the form again.",
  },
  may_not: {
    status: 403,
    title: "This token cannot open this page",
    text: "It lacks the scope that the page needs. Sign out, and sign in with a token that has it.",
  },
  may_not_listen: {
    status: 403,
    title: "This token cannot open recordings",
    text: "It lacks the scope pii:read. Sign out, and sign in with a token that has it.",
  },
  no_recording: {
    status: 404,
    title: "There is no recording of this call",
    text: "Mihu gave none: the call reached nobody, is not over yet, or was not recorded. If it is not over, try again later.",
  },
  link_not_allowed: {
    status: 404,
    title: "This recording cannot be opened from here",
    text: "Its address is not https, or not at one of Mihu's hosts. The operator can add hosts by the variable LINK_HOSTS.",
  },
  not_found: {
    status: 404,
    title: "There is nothing here",
    text: "The address may be incomplete, or belong to another Hookline. Look up the call by its order number.",
  },
  too_large: {
    status: 413,
    title: "The form is too large",
    text: "Nothing was done. Shorten what you typed, and send the form again.",
  },
  broken: {
    status: 500,
    title: "Something went wrong on our side",
    text: "The operator finds the error in the log. No accepted event is lost. Try again in a moment.",
  },
  away: {
    status: 503,
    title: "Postgres cannot be reached",
    text: "Calls cannot be looked up at the moment. Webhooks are still stored, and no accepted event is lost. Try again in a moment.",
  },
  migrations_missing: {
    status: 503,
    title: "Postgres lacks migrations of this version",
    text: "This page needs them. The operator has to run hookline migrate. Webhooks are still stored, and no accepted event is lost.",
  },
} as const;

type Failure = keyof typeof failures;

/** @returns The HTTP status of a failure. */
export function statusOf(failure: Failure): (typeof failures)[Failure]["status"] {
  return failures[failure].status;
}

type Shown = {
  failure: Failure;
  reader: Reader | null;
  /**
   * Events that wait for Postgres. Only their number is shown, because readers cannot be authenticated while Postgres
   * is down.
   */
  waiting?: number;
  /** Scopes of which the page needs one. */
  needs?: readonly string[];
};

/** A page about a failure, with a link back. */
export function ErrorPage({ failure, reader, waiting = 0, needs = [] }: Shown) {
  const { status, title, text } = failures[failure];
  return (
    <Layout title={title} reader={reader}>
      <section class="error" aria-labelledby="error">
        <p class="above">{status}</p>
        <h1 id="error">{title}</h1>
        <p>{text}</p>
        {needs.length === 0 ? null : (
          <p>
            The page needs{" "}
            {needs.map((scope, index) => (
              <>
                {index === 0 ? "" : " or "}
                <code>{scope}</code>
              </>
            ))}
            .
          </p>
        )}
        {waiting === 0 ? null : (
          <p>
            {amount(waiting)} came meanwhile. Hookline stored {waiting === 1 ? "it" : "them"} until Postgres is back.
          </p>
        )}
        {failure === "may_not" ? null : (
          <p>
            <a href="/">Back to the calls</a>
          </p>
        )}
      </section>
    </Layout>
  );
}

/** A page about a problem of the API, with the API's own words. */
export function ProblemPage({ problem, reader }: { problem: ApiProblem; reader: Reader | null }) {
  const { status, title, detail } = problem;
  return (
    <Layout title={wordsOf(title)} reader={reader}>
      <section class="error" aria-labelledby="error">
        <p class="above">{status}</p>
        <h1 id="error">{wordsOf(title)}</h1>
        {detail === title ? null : (
          <p>
            <Sentence text={detail} />
          </p>
        )}
        <p>
          <a href="/">Back to the calls</a>
        </p>
      </section>
    </Layout>
  );
}
