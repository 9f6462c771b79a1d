// The product's claim, and the same statement with the selection of a simple queue: the oldest due calls of the line,
// whatever their source.
import postgres from "postgres";
import { claimStore } from "../../src/store/calls/claims.ts";

/** Claims calls of a line. @returns how many */
export type Claimer = (line: string, seq: number) => Promise<number>;

type Claimers = { readonly sql: postgres.Sql; readonly turns: Claimer; readonly plain: Claimer };

/** Calls of one claim, as a line's object asks for at the most. */
export const callsPerClaim = 64;

/** A claim number that differs from all other parameters of the statement. */
const markSeq = 7_001;
const markLine = "the-mark";

/**
 * Prepares both on one connection. The product's statement is read from its own client as Postgres has it prepared, so
 * it is always the current one. The other differs from it only in its steps from `queues` to `picked`.
 */
export async function prepareClaims(url: string): Promise<Claimers> {
  let sent: { text: string; values: unknown[] } | null = null;
  const sql = postgres(url, {
    max: 1,
    fetch_types: false,
    onnotice: () => undefined,
    debug: (_, text, values) => {
      if (text.includes("locked_line")) sent = { text, values };
    },
  });
  await claimStore(() => sql).claim(markLine, markSeq, callsPerClaim, "journal");
  const { text, values } = sent ?? { text: "", values: [] };
  const [prepared] = await sql<{ types: string[] }[]>`
    select parameter_types::text[] as types from pg_prepared_statements where statement = ${text}`;
  if (prepared === undefined) throw new Error("the claim was not prepared");
  // `fetch_types: false`: an array comes as Postgres writes it.
  const types = String(prepared.types)
    .replace(/[{}]/g, "")
    .split(",")
    .map((type) => type.replace(/^"|"$/g, ""));
  await sql.unsafe(`prepare turns (${types.join(", ")}) as ${text}`);
  await sql.unsafe(`prepare plain (${types.join(", ")}) as ${plainOf(text)}`);
  const claimer =
    (name: string): Claimer =>
    async (line, seq) => {
      const given = values.map((value) =>
        value === markLine ? line : String(value) === String(markSeq) ? seq : value,
      );
      const [row] = await sql.unsafe(`execute ${name} (${given.map(literal).join(", ")})`);
      return Array.isArray(row?.calls) ? row.calls.length : 0;
    };
  return { sql, turns: claimer("turns"), plain: claimer("plain") };
}

function literal(value: unknown): string {
  return value === null || value === undefined ? "null" : `'${String(value).replaceAll("'", "''")}'`;
}

/** The steps of the plain claim. The gates are those of the product's own step. */
function plainOf(text: string): string {
  const gates = /c\.id = o\.id (and \(c\.closes_at[\s\S]*?)\s+\)\s+end\s+limit/.exec(text)?.[1];
  const line = /where slug = (\$\d+)/.exec(text)?.[1];
  const [before, rest] = [text.indexOf("), queues as ("), text.indexOf("), claimed as (")];
  if (gates === undefined || line === undefined || before < 0 || rest < before)
    throw new Error("the claim has other steps than it had");
  const picking = `), due as (
      select c.id, c.number, c.due_at from calls c, capacity
      where capacity.n > 0 and c.line = ${line} and c.status = 'queued' and c.due_at <= now() ${gates}
      order by c.due_at, c.created_at limit ${callsPerClaim * 2}
      for no key update of c skip locked
    ), one_each as (
      select distinct on (number) id, number, due_at from due order by number, due_at, id
    ), picked as (
      select id from (select id, number from one_each order by due_at, id limit (select n from capacity)) first order by number
    `;
  return (text.slice(0, before) + picking + text.slice(rest)).replace(/last_source = \(select[\s\S]*?limit 1\),/, "");
}
