/** Tables of rows that lead somewhere. On a narrow screen each row is a card, and each cell has its column's name. */
import type { Child } from "hono/jsx";

type Row = {
  /** Page of the row; absent: the row leads nowhere. */
  readonly href?: string;
  /** Cells, one for each column. The first is the row's name. */
  readonly cells: readonly Child[];
};

type Props = {
  /** Name of the table for screen readers. */
  label: string;
  /** Names of the columns. An empty one is for actions. */
  columns: readonly string[];
  rows: readonly Row[];
};

export function RowsTable({ label, columns, rows }: Props) {
  return (
    <table class="rows-table" aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th scope="col">{column === "" ? <span class="unseen">Actions</span> : column}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ href, cells }) => (
          <tr {...(href === undefined ? {} : { class: "leads" })}>
            {cells.map((cell, index) =>
              index === 0 ? (
                <th scope="row">
                  {href === undefined ? (
                    cell
                  ) : (
                    <a class="row-link" href={href}>
                      {cell}
                    </a>
                  )}
                </th>
              ) : (
                <td data-label={columns[index] ?? ""}>{cell}</td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** An empty cell, in words for screen readers. */
export function NoValue({ word = "none" }: { word?: string }) {
  return (
    <>
      <span aria-hidden="true">–</span>
      <span class="unseen">{word}</span>
    </>
  );
}

/**
 * The link to the next page of a list that is sorted newest first.
 *
 * @param path The list's address without a query.
 * @param query The list's filter.
 * @param next The cursor; null on the last page.
 */
export function OlderLink({ path, query = "", next }: { path: string; query?: string; next: string | null }) {
  if (next === null) return null;
  return (
    <p class="pager">
      <a rel="next" href={withQuery(path, query, `cursor=${encodeURIComponent(next)}`)}>
        Older
      </a>
    </p>
  );
}

/**
 * Links to the whole list as files.
 *
 * @param path The export's address without a query.
 * @param query The list's filter.
 */
export function ExportNote({ path, query }: { path: string; query: string }) {
  return (
    <p class="note">
      Export: <a href={withQuery(path, query, "format=csv")}>CSV</a>,{" "}
      <a href={withQuery(path, query, "format=jsonl")}>JSON Lines</a>
    </p>
  );
}

function withQuery(path: string, query: string, more: string): string {
  return `${path}?${query === "" ? "" : `${query}&`}${more}`;
}
