/**
 * Hashes of a call's columns, computed by Postgres. The entry of the call's creation stores them, and a comparison
 * computes them again.
 */
import type postgres from "postgres";
import { madeOf, saidColumns } from "../../domain/audit/call-story.ts";

/**
 * SHA-256 of the columns that are set when a call is made, except the columns that an erasure empties. @param c Alias
 * of a row of `calls`.
 */
export function factsOf(sql: postgres.ISql, c: string) {
  return sql.unsafe(factsText(c));
}

const factsText = (c: string) =>
  `encode(sha256(convert_to(jsonb_build_array(${madeOf.map((name) => `${c}.${name}`).join(", ")})::text, 'UTF8')), 'hex')`;

/** The `row` of the entry for a call's creation. @param c Alias of the new row. */
export function madeRow(sql: postgres.ISql, c: string) {
  return sql.unsafe(`jsonb_build_object('row', jsonb_build_object('created_at', ${c}.created_at, 'due_at', ${c}.due_at,
    'expires_at', ${c}.expires_at, 'facts', ${factsText(c)}, 'detail', ${saidText(c, "detail")}))`);
}

/** The `row` of the entry for a release, with the number, texts and time at that moment. */
export function releasedRow(sql: postgres.ISql, c: string) {
  return sql.unsafe(`jsonb_build_object('row', jsonb_build_object('due_at', ${c}.due_at, 'expires_at', ${c}.expires_at,
    'facts', ${factsText(c)}))`);
}

/**
 * The commitment to a row's number and texts: HMAC-SHA256 under the row's salt of the text of `contentText`. A `json`
 * text is escaped as in JavaScript.
 */
export function contentOf(sql: postgres.ISql, c: string) {
  const text = (name: string) => `coalesce(to_json(${c}.${name})::text, 'null')`;
  const json = ["about", "greeting", "number", "prompt", "prompt_overwrite"]
    .map((name) => `'"${name}":' || ${text(name)}`)
    .join(" || ',' || ");
  return sql.unsafe(hmacText(c, `'{' || ${json} || '}'`));
}

/**
 * Commitments to the columns that an erasure empties besides the number and the texts: the HMAC-SHA256 of each under
 * the row's salt. They are part of the `row` of an entry that may have set such a column.
 */
export function saidRow(sql: postgres.ISql, c: string) {
  return sql.unsafe(`jsonb_build_object(${saidColumns.map((name) => `'${name}', ${saidText(c, name)}`).join(", ")})`);
}

/** The same commitments as columns of a query. */
export function saidSelect(sql: postgres.ISql, c: string) {
  return sql.unsafe(saidColumns.map((name) => `${saidText(c, name)} as ${name}`).join(", "));
}

/**
 * The text of a column; `null` for `null`. The column's name is part of the text, so that no value proves another
 * column.
 */
const saidText = (c: string, name: string) =>
  `case when ${c}.${name} is not null then ${hmacText(c, `'${name}:' || ${c}.${name}::text`)} end`;

/** HMAC-SHA256 of a text under the salt of a row, in lower-case hex. */
function hmacText(c: string, text: string): string {
  const key = `('x' || rpad(encode(convert_to(${c}.salt, 'UTF8'), 'hex'), 128, '0'))::bit(512)`;
  const pad = (byte: string) => `substring(bit_send(${key} # ('x' || repeat('${byte}', 64))::bit(512)) from 5)`;
  return `encode(sha256(${pad("5c")} || sha256(${pad("36")} || convert_to(${text}, 'UTF8'))), 'hex')`;
}

/**
 * SHA-256 of a verdict and its time. A verdict holds nothing that an erasure removes. @param v the alias of a row of
 * `verdicts`
 */
export const verdictHash = (v: string) =>
  `encode(sha256(convert_to(jsonb_build_array(${v}.gate, ${v}.verdict, ${v}.inputs, extract(epoch from ${v}.at))::text,
    'UTF8')), 'hex')`;

/** Columns of an inserted verdict that {@link toldVerdicts} needs, for the `returning` of the step `gates`. */
export function toldColumns(sql: postgres.ISql) {
  return sql.unsafe("call_id, gate, verdict, inputs, at");
}

/** A join for a statement whose step `gates` inserts verdicts: `told.verdicts` are the hashes of the verdicts that the step inserted for the call. */
export function toldVerdicts(sql: postgres.ISql, call: string, gates = "gates") {
  return sql.unsafe(`left join (select call_id, jsonb_agg(${verdictHash("g")}) as verdicts from ${gates} g group by call_id) told
    on told.call_id = ${call}.id`);
}

/** The field `verdicts` of an entry whose statement joins {@link toldVerdicts}. */
export function toldField(sql: postgres.ISql) {
  return sql.unsafe("jsonb_build_object('verdicts', coalesce(told.verdicts, '[]'))");
}
