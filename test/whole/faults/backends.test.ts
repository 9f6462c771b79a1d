/** The signals of `npm run chaos` to Postgres' backends: what each does, and that no right in Postgres is needed for them. */
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appUrl } from "../../../cli/install/run-migrations.ts";
import { type Cluster, migratedDatabase, startCluster } from "../../../dev/stack/cluster.ts";
import { isAlive, signalQuietly } from "../../../dev/stack/processes.ts";
import { backendsOf, backendToStrike, crash } from "../../chaos/world/backends.ts";

let cluster: Cluster;
let ownerUrl: string;
let owner: postgres.Sql;
let app: postgres.Sql;

beforeAll(async () => {
  cluster = await startCluster();
  ({ ownerUrl } = await migratedDatabase(cluster.info));
  const quiet = { max: 1, onnotice: () => undefined };
  owner = postgres(ownerUrl, quiet);
  app = postgres(appUrl(ownerUrl, cluster.info.appPassword), quiet);
});
afterAll(async () => {
  await owner?.end({ timeout: 1 });
  await app?.end({ timeout: 1 });
  await cluster?.stop();
});

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: { code?: string }) => error.code ?? null,
  );
const idle = { busy: false, chance: 0, waitMs: 5_000 };
async function backend(): Promise<number> {
  await app`select 1`;
  return (await backendToStrike({ cluster, ownerUrl }, idle)) ?? 0;
}

test("only the Workers' backends of this database are found, and only a running statement makes one busy", async () => {
  expect(await app`select pg_backend_pid() as pid`).toEqual([{ pid: await backend() }]);
  await owner`select 1`;
  expect(backendsOf({ cluster, ownerUrl })).toHaveLength(1);
  expect(backendsOf({ cluster, ownerUrl: ownerUrl.replace(/\/[^/]+$/, "/hookline_template") })).toEqual([]);
  expect(await backendToStrike({ cluster, ownerUrl }, { ...idle, busy: true, waitMs: 300 })).toBeNull();
});

test("the run's role may not end or cancel another role's backend, and is no superuser", async () => {
  const pid = await backend();
  expect(await codeOf(owner`select pg_terminate_backend(${pid})`)).toBe("42501");
  expect(await codeOf(owner`select pg_cancel_backend(${pid})`)).toBe("42501");
  expect(
    await owner`select rolsuper, rolreplication, rolbypassrls, pg_has_role('pg_signal_backend', 'member') as signals
      from pg_roles where rolname = current_user`,
  ).toEqual([{ rolsuper: false, rolreplication: false, rolbypassrls: false, signals: false }]);
});

test("SIGINT cancels the running statement and leaves the connection", async () => {
  const before = await backend();
  const slept = codeOf(app`select pg_sleep(30)`);
  const pid = await backendToStrike({ cluster, ownerUrl }, { ...idle, busy: true });
  signalQuietly(pid ?? 0, "SIGINT");
  expect(await slept).toBe("57014");
  expect(await app`select pg_backend_pid() as pid`).toEqual([{ pid: before }]);
});

test("SIGTERM ends the connection, and the client gets another", async () => {
  const before = await backend();
  const slept = codeOf(app`select pg_sleep(30)`);
  // A signal before the statement has arrived would end an idle connection, and the statement would be sent by the next one.
  expect(await backendToStrike({ cluster, ownerUrl }, { ...idle, busy: true })).toBe(before);
  signalQuietly(before, "SIGTERM");
  expect(["57P01", "CONNECTION_CLOSED"]).toContain(await slept);
  // A statement that is begun before the socket has closed fails as well.
  await expect.poll(() => codeOf(app`select 1`)).toBeNull();
  const [{ pid } = { pid: 0 }] = await app<{ pid: number }[]>`select pg_backend_pid() as pid`;
  expect(pid).not.toBe(before);
});

test("SIGKILL crashes the cluster, which recovers with all that was committed and nothing else", async () => {
  await owner`insert into entries (subject, subject_id, action, actor) values ('audit', 'crash', 'committed', 'test')`;
  const open = codeOf(
    owner.unsafe(
      "insert into entries (subject, subject_id, action, actor) values ('audit', 'crash', 'open', 'test'); select pg_sleep(30)",
    ),
  );
  const pid = await backend();
  await crash({ cluster, ownerUrl }, pid);
  expect(isAlive(cluster.postgres().pid)).toBe(true);
  expect(await open).not.toBeNull();
  const left = await owner`select action from entries where subject_id = 'crash'`;
  expect(left.map(({ action }) => action)).toEqual(["committed"]);
});
