/**
 * A lane is shared by runs of one file: a database, reached as the app's role, and a simulator. Runs in one lane follow
 * each other.
 */
import { createHash, randomUUID } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";
import type { PublicKeys } from "../../cli/audit/heads.ts";
import { keyVars, makeKeySets } from "../../cli/install/keys.ts";
import { appUrl } from "../../cli/install/run-migrations.ts";
import { type Simulator, startSimulator } from "../../dev/simulator/index.ts";
import { migratedDatabase } from "../../dev/stack/cluster.ts";
import { startGeneric } from "../../dev/standins/generic.ts";
import type { HoursDefinition } from "../../src/domain/config/stored.ts";
import type { RuleDefinition } from "../../src/domain/rules/rule.ts";
import { createSealer } from "../../src/platform/seal.ts";
import { createSigner } from "../../src/platform/sign.ts";
import type { Head } from "../../src/ports/audit/chain.ts";
import type { Sql } from "../../src/store/postgres/connection.ts";

export type Lane = {
  /** The owner's own connection, for setting a stage and for making time pass. */
  readonly owner: postgres.Sql;
  /** The app's role, for the sweep and for looking. */
  readonly app: Sql;
  readonly mihu: Simulator;
  /** The API of a sender whose webhooks bring ids only. */
  readonly crm: Awaited<ReturnType<typeof startGeneric>>;
  /** The database as the app's role reaches it. */
  readonly url: string;
  /** Every head that a notary kept in any run: none of them may ever be contradicted. */
  readonly heads: Head[];
  readonly jwks: PublicKeys;
  /** The Worker's variables, without its bindings. */
  readonly vars: Readonly<Record<string, unknown>>;
  /** Makes a source with a rule, a separate line and a separate number. */
  place(deviation?: PlaceDeviation): Promise<Place>;
  /** Deletes the rows of all runs: statements that read every row would take longer with each run. */
  forget(): Promise<void>;
  close(): Promise<void>;
};

/** `thin`: the source can have `order` fetched from the lane's API. */
export type PlaceDeviation = {
  thin?: boolean;
  rule?: Partial<RuleDefinition>;
  hours?: HoursDefinition;
  line?: { atOnce?: number };
};

/** Names that no other run of the lane has. */
export type Place = {
  readonly source: string;
  readonly line: string;
  readonly agent: string;
  readonly number: string;
  /** Key of the line's webhook. */
  readonly key: string;
};

/** The sender's and Mihu's secret: of these tests alone. */
export const laneSecret = "0123456789abcdef0123456789abcdef";

let lanes = 0;

export async function openLane(): Promise<Lane> {
  const cluster = inject("cluster");
  const { name: database, ownerUrl } = await migratedDatabase(cluster);
  const url = appUrl(ownerUrl, cluster.appPassword);
  const owner = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  // Postgres is not stopped here, so nothing has to wait for the disk.
  await owner`alter database ${owner(database)} set synchronous_commit = off`;
  const empty = await emptyTables(owner);
  const app = postgres(url, { max: 1, fetch_types: false, onnotice: () => {} });
  const mihu = await startSimulator({ callMs: 1 });
  const crm = await startGeneric();
  const keys = makeKeySets();
  const sealer = createSealer(keys.SEALING_KEYS);
  const sealed = await sealer.seal(laneSecret);
  const lane = String(++lanes);
  const heads: Head[] = [];
  let places = 0;
  return {
    owner,
    app,
    mihu,
    crm,
    url,
    heads,
    jwks: createSigner(keys.RECEIPT_KEYS).jwks,
    vars: {
      MODE: "local",
      HYPERDRIVE: { connectionString: url },
      MIHU_BASE_URL: mihu.baseUrl,
      MIHU_TOKEN: mihu.token,
      ...keyVars(keys),
    },
    async place({ thin = false, rule = {}, hours, line: pace = {} } = {}) {
      const name = `${lane}-${++places}`;
      const made: Place = {
        source: `shop-${name}`,
        line: `line-${name}`,
        agent: randomUUID(),
        number: `+1415556${String(1_000 + places)}`,
        key: randomUUID(),
      };
      const definition: RuleDefinition = {
        mode: "live",
        on: ["order.issue"],
        line: made.line,
        number: "{{ data.phone }}",
        about: "The customer waits for order {{ data.order }}.",
        ...rule,
      };
      await owner`
        with line as (
          insert into lines (slug, agent, calls_per_minute, calls_at_once, calls_per_day, hours, webhook_key_hash, webhook_secret)
          values (${made.line}, ${made.agent}, 1000, ${pace.atOnce ?? 1000}, 100000, ${hours === undefined ? null : owner.json(hours)},
            ${createHash("sha256").update(made.key).digest("hex")}, ${sealed})
        ), source as (
          insert into sources (slug, preset, country, record_type, record_id)
          values (${made.source}, 'generic', 'US', 'order', '{{ data.order }}') returning slug
        ), secret as (
          insert into secrets (source, sealed, kid, fingerprint) select slug, ${sealed}, ${sealer.kid}, 'f' from source
        )
        insert into rules (source, name, version, position, definition, created_by, current)
        select slug, 'call-me', 1, 0, ${owner.json(asDocument(definition))}, 'test', true from source`;
      if (thin) {
        const api = { base_url: crm.url, get: { order: "/order" } };
        await owner`update sources set api = ${owner.json(api)} where slug = ${made.source}`;
        await owner`insert into credentials (source, sealed, kid, fingerprint, base_url)
          values (${made.source}, ${await sealer.seal(crm.credential)}, ${sealer.kid}, 'f', ${crm.url})`;
      }
      return made;
    },
    async forget() {
      heads.length = 0;
      // One statement: Postgres checks references at its end. A truncation would have every statement planned anew.
      const deletes = [...empty.map((table) => `delete from ${table}`), "delete from sources where slug like 'shop-%'"];
      await owner.unsafe(`with ${deletes.map((one, nth) => `deleted_${nth} as (${one})`).join(", ")} select`);
    },
    async close() {
      await mihu.close();
      await crm.close();
      await app.end({ timeout: 1 });
      await owner.end({ timeout: 1 });
    },
  };
}

/** Tables that have no row before the first run. */
async function emptyTables(owner: postgres.Sql): Promise<string[]> {
  const tables = await owner<{ name: string }[]>`
    select quote_ident(tablename) as name from pg_tables where schemaname = 'public' order by 1`;
  const [row = {}] = await owner.unsafe<Record<string, boolean>[]>(
    `select ${tables.map(({ name }) => `not exists (select from ${name}) as ${name}`).join(", ")}`,
  );
  return tables.flatMap(({ name }) => (row[name] === true ? [name] : []));
}

/** A rule is a document of plain values; what is not said is left out. */
function asDocument(definition: RuleDefinition): postgres.JSONValue {
  return JSON.parse(JSON.stringify(definition));
}
