import type { Reader } from "../../views/reader.ts";
import { seesAll } from "../../views/reader.ts";
import { Layout } from "../frame/layout.tsx";
import { Hidden, Quoted, Time } from "../parts/bits.tsx";
import { NoValue, RowsTable } from "../parts/rows.tsx";
import type { TokenRead } from "./acts.tsx";

/** A suppression, as `GET /v1/suppressions` has it: masked without `pii:read`. */
export type SuppressionRead = {
  readonly number: string;
  readonly reason: string | null;
  readonly until: string | null;
  readonly created_at: string;
};

type Props = {
  reader: Reader;
  /** Null for a reader who may not see them. */
  suppressions: readonly SuppressionRead[] | null;
  tokens: readonly TokenRead[] | null;
};

/** Numbers that nobody calls, erasures, and tokens. */
export function PeoplePage({ reader, suppressions, tokens }: Props) {
  const may = (scope: string) => reader.scopes.includes(scope);
  return (
    <Layout title="People" reader={reader}>
      <h1>People</h1>
      <section class="part" aria-labelledby="suppressions">
        <div class="title-row">
          <h2 id="suppressions">Suppressed numbers</h2>
          {may("calls:write") && seesAll(reader) ? (
            <p class="acts">
              <a class="button quiet" href="/people/suppress">
                Suppress a number
              </a>
              <a class="button quiet" href="/people/release">
                End a suppression
              </a>
            </p>
          ) : null}
        </div>
        {suppressions === null ? (
          <p>
            The list needs <code>calls:read</code>.
          </p>
        ) : suppressions.length === 0 ? (
          <p class="empty">No number is suppressed. A line never calls a suppressed number, whatever a rule says.</p>
        ) : (
          <RowsTable
            label="Suppressed numbers"
            columns={["Number", "Reason", "Since", "Until"]}
            rows={suppressions.map(({ number, reason, until, created_at }) => ({
              cells: [
                <Quoted text={number} />,
                reason === null ? <NoValue /> : <Quoted text={reason} />,
                <Time at={created_at} precision="minutes" />,
                until === null ? "no end" : <Time at={until} precision="minutes" />,
              ],
            }))}
          />
        )}
        {seesAll(reader) ? null : <Hidden what="Numbers and reasons" />}
      </section>
      {may("admin") && seesAll(reader) ? (
        <section class="part" aria-labelledby="erasures">
          <div class="title-row">
            <h2 id="erasures">Erasure</h2>
            <p class="acts">
              <a class="button quiet" href="/people/erase">
                Erase a person
              </a>
            </p>
          </div>
          <p class="lead">All data of one number goes for good. The history of its calls stays.</p>
        </section>
      ) : null}
      {tokens === null ? null : (
        <section class="part" aria-labelledby="tokens">
          <div class="title-row">
            <h2 id="tokens">Tokens</h2>
            <p class="acts">
              <a class="button quiet" href="/people/tokens/new">
                New token
              </a>
            </p>
          </div>
          <RowsTable
            label="Tokens"
            columns={["Name", "Scopes", "Ends", ""]}
            rows={tokens.map(({ jti, name, scopes, expires_at, ends_soon }) => ({
              cells: [
                <>
                  <Quoted text={name} />
                  {jti === reader.jti ? <span class="sub">you are signed in with it</span> : null}
                </>,
                scopes.join(", "),
                <>
                  <Time at={expires_at} precision="minutes" />
                  {ends_soon ? <span class="sub">ends soon, and nobody renewed it</span> : null}
                </>,
                <a href={`/people/tokens/${jti}/revoke`}>
                  Revoke<span class="unseen"> a token</span>
                </a>,
              ],
            }))}
          />
        </section>
      )}
      {may("admin") ? (
        <p class="note">
          <a href="/people/readings">Readings of numbers, texts and recordings</a>
        </p>
      ) : null}
      {may("calls:read") || may("admin") ? (
        <p class="note">
          <a href="/people/audit">The audit log, and how to verify it</a>
        </p>
      ) : null}
    </Layout>
  );
}
