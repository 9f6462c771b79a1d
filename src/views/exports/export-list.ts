/**
 * Export of a list as a file, in constant memory: the list is read page by page along its index, and a page is read once the page before
 * was taken. A slow client so slows the reading down. Each row is in the file at most once. A row that was there at the start, and that the
 * filter still matches when its page is read, is in the file.
 *
 * **Complete or broken.** If a page cannot be read, the stream fails, so the connection breaks and no client takes the part for the whole.
 * It never ends early. The file itself has no last line that says so: the end of the response is the sign.
 *
 * **Entries.** Each has the filter, the format and whether the rows were masked, and all of one export have its id.
 * - The first is written before the first byte. Its `rows_at_most` is the number of rows that leave before another entry is written.
 *   Before more rows leave, an entry with ten times as many is written.
 * - The last has the exact number: `rows` were handed to the connection, and `complete` says whether these were all. If the client breaks
 *   off, `complete` is false, and the client may have received fewer.
 * - If the Worker dies there is no last entry. The newest `rows_at_most` is then a true upper bound.
 *
 * An unmasked export is a reading of its calls. It is noted once, and not at each call: a call's timeline does not show it.
 */
import type { ReadingLog } from "../../ports/lookups/entries.ts";
import type { Cursor, Results } from "../../ports/page.ts";
import { actorOf, type Reader, seesAll } from "../reader.ts";
import { byteOrderMark, csvHeader, csvLines } from "./csv.ts";
import { type PulledStream, pulled } from "./pulled.ts";

export const exportFormats = ["csv", "jsonl"] as const;
export type ExportFormat = (typeof exportFormats)[number];

type Viewed = Readonly<Record<string, unknown>>;

/** A list that can be exported. */
export type ExportedList<Row> = {
  /** Name in entries and of the file, such as `calls`. */
  readonly name: string;
  /** Columns of the CSV: every field of a view. */
  readonly columns: readonly string[];
  /** The filter as the entry has it: without numbers of people, because an entry cannot be erased. */
  readonly filter: Viewed;
  page(limit: number, after: Cursor | null): Promise<Results<Row>>;
  /** The row as the list's own answer shows it, masked for the reader. */
  view(row: Row): Viewed;
};

/** Rows of the first page, and of any page. The texts of 500 calls have some megabytes at most. */
const firstRows = 100;
const pageRowsMax = 200;
const pageRowsMin = 20;
/** Characters that a page should have. The next page's rows follow from the mean of the page before. */
const pageCharacters = 262_144;
/** Rows that are formatted at once, so that a page is in memory once and not in three forms. */
const chunkRows = 50;
/** Rows that the first entry allows. */
const allowedFirst = 1_000;

type ExportPorts = { readonly readings: ReadingLog; readonly reader: Reader; readonly id: string };

/**
 * Reads the first page and writes the first entry, so that a failure of either is an answer and no broken file.
 *
 * @param ports `id`: a new UUID, which all entries of the export have.
 */
export async function exportList<Row>(
  ports: ExportPorts,
  list: ExportedList<Row>,
  format: ExportFormat,
): Promise<PulledStream> {
  const note = noting(ports, list, format);
  const first = await list.page(firstRows, null);
  await note({ rows_at_most: allowedFirst });
  const progress = { rows: 0 };
  return pulled(chunks(list, format, first, note, progress), async (complete) => {
    await note({ rows: progress.rows, complete });
  });
}

type Note = (progress: Viewed) => Promise<void>;

function noting<Row>({ readings, reader, id }: ExportPorts, list: ExportedList<Row>, format: ExportFormat): Note {
  const same = { what: list.name, export: id, format, filter: list.filter, masked: !seesAll(reader) };
  return (progress) =>
    readings.noteRead({
      subject: "reading",
      subjectId: reader.jti,
      action: "exported",
      actor: actorOf(reader),
      reason: null,
      data: { ...same, ...progress },
    });
}

/** The file in parts. `progress.rows` counts the rows of a part before it is handed over. */
async function* chunks<Row>(
  list: ExportedList<Row>,
  format: ExportFormat,
  first: Results<Row>,
  note: Note,
  progress: { rows: number },
): AsyncGenerator<string, void> {
  if (format === "csv") yield byteOrderMark + csvHeader(list.columns);
  let allowed = allowedFirst;
  for (let page = first; ; ) {
    let characters = 0;
    for (let from = 0; from < page.rows.length; from += chunkRows) {
      const rows = page.rows.slice(from, from + chunkRows).map((row) => list.view(row));
      if (progress.rows + rows.length > allowed) {
        allowed *= 10;
        await note({ rows_at_most: allowed });
      }
      const text = format === "csv" ? csvLines(list.columns, rows) : jsonLines(rows);
      characters += text.length;
      progress.rows += rows.length;
      yield text;
    }
    if (page.next === null) return;
    page = await list.page(rowsOfNext(page.rows.length, characters), page.next);
  }
}

function rowsOfNext(rows: number, characters: number): number {
  const fitting = Math.floor((pageCharacters * rows) / Math.max(1, characters));
  return Math.min(pageRowsMax, Math.max(pageRowsMin, fitting));
}

/** JSON Lines: one object a line, UTF-8, each line with its `\n` (https://jsonlines.org). */
function jsonLines(rows: readonly Viewed[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}
