// Postgres round trips per event under load, from accept to dialled, counted on the wire.
import { setTimeout as sleep } from "node:timers/promises";
import type { Bundle } from "../dev/stack/bundle.ts";
import type { ClusterInfo } from "../dev/stack/cluster.ts";
import { load } from "./load/load.ts";
import { startHookline } from "./subjects/hookline.ts";
import { type CountingProxy, startProxy, type Trips } from "./subjects/proxy.ts";

export type TripsMeasured = {
  events: number;
  perEvent: number;
  /** Events of one accepting statement, of one plan, calls of one claim, answers of one recording: means. */
  batches: Record<string, number>;
  statements: Record<string, number>;
  dialledPerSecond: number;
};

/** More than elsewhere: the goal is for batches of forty and more, which fewer senders do not make. */
const connections = 128;
const dialLimitMs = 60_000;
const lookEveryMs = 100;

/** Sends `events` webhooks that all become calls, waits until each is dialled, and counts what Postgres was asked. */
export async function measureTrips(cluster: ClusterInfo, bundle: Bundle, events: number): Promise<TripsMeasured> {
  let proxy: CountingProxy | undefined;
  const through = await proxied(cluster, (made) => {
    proxy = made;
  });
  const hookline = await startHookline(cluster, bundle, { through });
  try {
    await hookline.line("bench", "wide");
    await hookline.source("trips", { kind: "calls", line: "bench" });
    const send = (first: number, count: number) =>
      load({
        port: hookline.port,
        recipe: { path: "/in/trips", secret: hookline.secret, first, count, eventsEach: 1 },
        connections,
        seconds: 60,
        perSecond: null,
        cycle: false,
      });
    // The first ones make connections, learn the source and prepare the statements.
    const warm = 4 * connections;
    await send(0, warm);
    await waitRings(hookline.simulator.rings, warm);
    const before = proxy?.read();
    const beganAt = performance.now();
    await send(warm, events);
    await waitRings(hookline.simulator.rings, warm + events);
    const seconds = (performance.now() - beganAt) / 1000;
    // The last answers linger a moment before they are recorded.
    await waitPlaced(async () => {
      const [row] = await hookline.owner<{ n: number }[]>`select count(*)::int as n from calls where status = 'placed'`;
      return (row?.n ?? 0) >= warm + events;
    });
    const after = proxy?.read();
    if (before === undefined || after === undefined) throw new Error("nothing went through the proxy");
    return { ...difference(before, after, events), dialledPerSecond: events / seconds };
  } finally {
    await hookline.stop();
    await proxy?.stop();
  }
}

/** The purpose of a statement, by its text. */
function kindOf(sql: string): string {
  if (/insert into events/.test(sql)) return "accept";
  if (/update events e set state/.test(sql)) return "plan";
  if (/for no key update/.test(sql) && /claim_seq/.test(sql)) return "claim";
  if (/update calls/.test(sql) && /mihu_id/.test(sql)) return "record";
  return "other";
}

async function proxied(cluster: ClusterInfo, made: (proxy: CountingProxy) => void): Promise<(url: string) => string> {
  const proxy = await startProxy(cluster.templateUrl, kindOf);
  made(proxy);
  return (databaseUrl) => {
    const url = new URL(databaseUrl);
    url.port = String(proxy.port);
    return url.href;
  };
}

function difference(before: Trips, after: Trips, events: number): Omit<TripsMeasured, "dialledPerSecond"> {
  const statements = Object.fromEntries(
    Object.entries(after.statements).map(([kind, count]) => [kind, count - (before.statements[kind] ?? 0)]),
  );
  const batches = Object.fromEntries(
    ["accept", "plan", "claim", "record"].map((kind) => [kind, events / (statements[kind] ?? 0)]),
  );
  const trips = after.roundTrips + after.connections - before.roundTrips - before.connections;
  return { events, perEvent: trips / events, batches, statements };
}

async function waitRings(rings: () => readonly unknown[], wanted: number): Promise<void> {
  await waitPlaced(async () => rings().length >= wanted);
}

async function waitPlaced(done: () => Promise<boolean>): Promise<void> {
  const giveUp = performance.now() + dialLimitMs;
  while (!(await done())) {
    if (performance.now() > giveUp) throw new Error("not every event was dialled in time");
    await sleep(lookEveryMs);
  }
}
