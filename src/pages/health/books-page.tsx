import { explanationOf } from "../../domain/reasons.ts";
import { groupedNumber } from "../../views/numbers.ts";
import type { Reader } from "../../views/reader.ts";
import { Trail } from "../forms/act.tsx";
import { Layout } from "../frame/layout.tsx";
import { namedRow } from "../frame/notice-rows.ts";
import { Quoted, Sentence } from "../parts/bits.tsx";
import { RowsTable } from "../parts/rows.tsx";
import { plain } from "../parts/words.ts";

/** The books, as `GET /v1/balance` has them. */
export type BooksRead = {
  readonly balanced: boolean;
  readonly events: Readonly<Record<"accepted" | "unplanned" | "ignored" | "planned" | "spilled", number>>;
  readonly decisions: number;
  readonly calls: Readonly<Record<string, number>>;
  readonly gaps: readonly { readonly code: string; readonly count: number; readonly rows: readonly unknown[] }[];
};

/** Every event and call, counted now. */
export function BooksPage({ reader, books }: { reader: Reader; books: BooksRead }) {
  const { events, calls } = books;
  return (
    <Layout title="Books" reader={reader}>
      <Trail path="/health" name="Health" />
      <section aria-labelledby="books">
        <h1 id="books">{books.balanced ? "The books balance" : "The books do not balance"}</h1>
        <p class="lead">
          Every accepted event is planned, ignored, not planned yet, or waits on an inbox's disk. Every decision is a
          call with one status.
        </p>
        {books.gaps.map(({ code, count, rows }) => (
          <p class="why">
            <Sentence text={explanationOf(code).what} /> {groupedNumber(count)}:{" "}
            {rows.slice(0, 3).map((row, index) => {
              const { name, href } = namedRow(code, String(row));
              return (
                <>
                  {index === 0 ? "" : ", "}
                  {href === null ? <Quoted text={name} /> : <a href={href}>{name}</a>}
                </>
              );
            })}
          </p>
        ))}
        <h2>Events</h2>
        <RowsTable
          label="Events by state"
          columns={["State", "Events"]}
          rows={[
            ["accepted", events.accepted],
            ["planned", events.planned],
            ["ignored: no rule wanted it", events.ignored],
            ["not planned yet", events.unplanned],
            ["on an inbox's own disk", events.spilled],
          ].map(([name, count]) => ({ cells: [name, groupedNumber(Number(count))] }))}
        />
        <h2>Decisions</h2>
        {Object.keys(calls).length === 0 ? (
          <p class="empty">There is no call yet.</p>
        ) : (
          <RowsTable
            label="Calls by status"
            columns={["Status", "Calls"]}
            rows={Object.entries(calls).map(([status, count]) => ({
              href: `/calls?status=${encodeURIComponent(status)}`,
              cells: [plain(status), groupedNumber(count)],
            }))}
          />
        )}
        <p class="note">
          {groupedNumber(books.decisions)} {books.decisions === 1 ? "decision" : "decisions"} in all.
        </p>
      </section>
    </Layout>
  );
}
