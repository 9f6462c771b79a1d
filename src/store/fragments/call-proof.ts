/** Hashes of a call's columns, computed by Postgres: entries carry them when a call is made, and the comparison computes them again. */
import type postgres from "postgres";

/** Columns that never change once a call is made, beside its number and texts. */
const madeOf = [
  ...["event_id", "source", "rule", "rule_version", "try", "again_of", "again_reason", "mode", "line"],
  ...["order_number", "order_number_key", "record_type", "record_id", "country", "zones"],
];

/** SHA-256 of what a call was made of. It holds nothing that an erasure removes. @param c the alias of a row of `calls` */
export function factsOf(sql: postgres.ISql, c: string) {
  return sql.unsafe(factsText(c));
}

const factsText = (c: string) =>
  `encode(sha256(convert_to(jsonb_build_array(${madeOf.map((name) => `${c}.${name}`).join(", ")})::text, 'UTF8')), 'hex')`;

/** The `row` of the entry of a call's making. @param c the alias of the new row */
export function madeRow(sql: postgres.ISql, c: string) {
  return sql.unsafe(`jsonb_build_object('row', jsonb_build_object('created_at', ${c}.created_at, 'due_at', ${c}.due_at,
    'expires_at', ${c}.expires_at, 'facts', ${factsText(c)}))`);
}

/** The `row` of the entry of a release, which says anew what is dialled and when. */
export function releasedRow(sql: postgres.ISql, c: string) {
  return sql.unsafe(`jsonb_build_object('row', jsonb_build_object('due_at', ${c}.due_at, 'expires_at', ${c}.expires_at,
    'facts', ${factsText(c)}))`);
}

/**
 * The commitment to a row's number and texts: HMAC-SHA256 under the row's salt of the text of `contentText`. A `json` text is escaped as
 * JavaScript does it.
 */
export function contentOf(sql: postgres.ISql, c: string) {
  const text = (name: string) => `coalesce(to_json(${c}.${name})::text, 'null')`;
  const json = ["about", "greeting", "number", "prompt", "prompt_overwrite"]
    .map((name) => `'"${name}":' || ${text(name)}`)
    .join(" || ',' || ");
  const key = `('x' || rpad(encode(convert_to(${c}.salt, 'UTF8'), 'hex'), 128, '0'))::bit(512)`;
  const pad = (byte: string) => `substring(bit_send(${key} # ('x' || repeat('${byte}', 64))::bit(512)) from 5)`;
  return sql.unsafe(
    `encode(sha256(${pad("5c")} || sha256(${pad("36")} || convert_to('{' || ${json} || '}', 'UTF8'))), 'hex')`,
  );
}
