// The floor of batches: COPY by one backend of the same rows, into a table with the same definition and indexes, in
// statements of the product's size. It runs round by round, so that both tables grow alike.
import { connect, type Socket } from "node:net";
import postgres from "postgres";
import { type Spread, spreadOf } from "./load/load.ts";
import { cpuMs } from "./weight.ts";

export type CopyFloor = {
  readonly perSecond: Spread & { readonly rounds: number[] };
  /** CPU time of the backend for each row. */
  readonly cpuUs: Spread & { readonly rounds: number[] };
};
export type CopyMeasured = {
  /** With the foreign key to the source, as the product's table has it, and without. */
  readonly keyed: CopyFloor;
  readonly keyless: CopyFloor;
  /** Rows of a statement: those of the product's mean commit. */
  readonly rowsEach: number;
};

const tables = ["keyed", "keyless"] as const;
/** Enough for some seconds. */
const rowsMax = 30_000;

/** @param ownerUrl of the product's database */
export async function copyFloors(ownerUrl: string, source: string) {
  // Without a delay: COPY's end is a small packet behind large ones, and would wait for their acknowledgement.
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => undefined, ...{ socket: () => connected(ownerUrl) } });
  const found = { keyed: rounds(), keyless: rounds(), rowsEach: [] as number[] };
  let since = "-infinity";
  for (const table of tables) await sql.unsafe(`create table bench_copy_${table} (like events including all)`);
  await sql`alter table bench_copy_keyed add foreign key (source) references sources (slug)`;
  const [backend] = await sql<[{ pid: number }]>`select pg_backend_pid() as pid`;

  /** Copies the rows that the product stored since the last round. */
  async function round(): Promise<void> {
    const [stored] = await sql<[{ rows: number; commits: number; last: string | null }]>`
      select count(*)::int as rows, count(distinct received_at)::int as commits, max(received_at)::text as last
      from events where source = ${source} and received_at > ${since}::text::timestamptz`;
    const rowsEach = Math.max(1, Math.round(stored.rows / Math.max(1, stored.commits)));
    const statements = await textOf(rowsEach);
    since = stored.last ?? since;
    found.rowsEach.push(rowsEach);
    for (const table of tables) {
      const cpuBefore = cpuMs(backend.pid);
      const beganAt = performance.now();
      let rows = 0;
      for (const { text, count } of statements) {
        await copyIn(table, text);
        rows += count;
      }
      found[table].perSecond.push(rows / ((performance.now() - beganAt) / 1_000));
      found[table].cpuUs.push(((cpuMs(backend.pid) - cpuBefore) * 1_000) / rows);
    }
  }

  async function textOf(rowsEach: number): Promise<{ text: Buffer; count: number }[]> {
    const chunks: Buffer[] = [];
    const query = `select * from events where source = '${source}' and received_at > '${since}' order by received_at, nth limit ${rowsMax}`;
    const rows = await sql.unsafe(`copy (${query}) to stdout`).readable();
    for await (const chunk of rows) chunks.push(chunk);
    // COPY's text has one line per row, whatever the row contains.
    const lines = Buffer.concat(chunks).toString("utf8").split("\n").slice(0, -1);
    const statements: { text: Buffer; count: number }[] = [];
    for (let at = 0; at < lines.length; at += rowsEach) {
      const some = lines.slice(at, at + rowsEach);
      statements.push({ text: Buffer.from(`${some.join("\n")}\n`), count: some.length });
    }
    return statements;
  }

  async function copyIn(table: (typeof tables)[number], text: Buffer): Promise<void> {
    const to = await sql.unsafe(`copy bench_copy_${table} from stdin`).writable();
    await new Promise<void>((done, fail) => {
      to.once("error", fail);
      to.once("finish", done);
      to.end(text);
    });
  }

  const floor = ({ perSecond, cpuUs }: ReturnType<typeof rounds>): CopyFloor => ({
    perSecond: { ...spreadOf(perSecond), rounds: perSecond },
    cpuUs: { ...spreadOf(cpuUs), rounds: cpuUs },
  });
  return {
    round,
    measured: (): CopyMeasured => ({
      keyed: floor(found.keyed),
      keyless: floor(found.keyless),
      rowsEach: spreadOf(found.rowsEach).median,
    }),
    stop: () => sql.end({ timeout: 5 }),
  };
}

function connected(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  return new Promise((done, fail) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true }, () => done(socket));
    socket.once("error", fail);
  });
}

function rounds() {
  return { perSecond: [] as number[], cpuUs: [] as number[] };
}
