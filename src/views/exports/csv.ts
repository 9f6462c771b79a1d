/**
 * CSV for spreadsheets (RFC 4180): comma, CRLF, a header row, UTF-8 with a byte order mark. Excel reads a file without the mark in the
 * system's old code page. Programs take JSON Lines, which has no mark.
 *
 * A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a formula (OWASP, CSV injection). Such a cell gets a leading `'`, and
 * so does one that begins with a tab or a line break, or with the wide forms of these signs. A phone number in strict E.164 stays as it is.
 *
 * Not guaranteed: a spreadsheet that splits at semicolons splits inside a cell, and may find a formula there.
 */
import Papa from "papaparse";

/** U+FEFF, which is EF BB BF in UTF-8. */
export const byteOrderMark = "\ufeff";

const formula = /^(?!\+[1-9]\d{1,14}$)[=+\-@\t\r\n＝＋－＠]/;

/**
 * @param rows Objects with the fields of `columns`. A nested value becomes JSON text; null becomes an empty cell.
 * @returns One line for each row, each with its CRLF.
 */
export function csvLines(columns: readonly string[], rows: readonly Readonly<Record<string, unknown>>[]): string {
  if (rows.length === 0) return "";
  return csvText(rows.map((row) => columns.map((name) => cell(row[name]))));
}

/** The header row. */
export function csvHeader(columns: readonly string[]): string {
  return csvText([[...columns]]);
}

function csvText(lines: readonly unknown[][]): string {
  return `${Papa.unparse(lines as unknown[][], { newline: "\r\n", escapeFormulae: formula })}\r\n`;
}

function cell(value: unknown): unknown {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
}
