/** Strangers who guess: names of sources, keys, cookies, tokens. They cost Postgres nothing, leave nothing behind, and hold nobody up. */
import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FaultyWire, faultyWire } from "../../chaos/world/wire.ts";
import { acmeSource, openShop, put, type Shop, signed } from "../shop.ts";

const guesses = 2_000;
const atOnce = 250;

/** Runs this many at a time, and counts their results. */
async function flood(
  count: number,
  send: (nth: number) => Promise<number | string>,
  width = atOnce,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const end = await send(next++);
      counts[end] = (counts[end] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return counts;
}

async function statusOf(answer: Promise<Response>): Promise<number> {
  const { status, body } = await answer;
  await body?.cancel();
  return status;
}

/** The `status` of an answer's body. */
async function statusText(answer: Promise<Response>): Promise<string> {
  const { status } = (await (await answer).json()) as { status: string };
  return status;
}

/** Watches the Worker's connections to its database until it is stopped. */
function watchConnections(owner: postgres.Sql) {
  let most = 0;
  let going = true;
  const watching = (async () => {
    while (going) {
      const [row] = await owner`
        select count(*)::int as open from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
      most = Math.max(most, Number(row?.open));
      await sleep(5);
    }
  })();
  return {
    async stop() {
      going = false;
      await watching;
      return most;
    },
  };
}

/** Honest webhooks, one every 20 ms, until they are stopped. @returns how many, and the answers that were no 202 */
function sendHonest(shop: Shop) {
  let sent = 0;
  let going = true;
  const others: number[] = [];
  const sending: Promise<void>[] = [];
  const loop = (async () => {
    while (going) {
      const nth = sent++;
      sending.push(
        shop.send({ name: `#H${nth}`, tags: "" }).then(({ status }) => {
          if (status !== 202) others.push(status);
        }),
      );
      await sleep(20);
    }
    await Promise.all(sending);
  })();
  return {
    async stop() {
      going = false;
      await loop;
      return { sent, others };
    },
  };
}

/** The Worker's way to its database, which counts connections. */
async function countedWire(): Promise<{ wire: () => FaultyWire; through: (databaseUrl: string) => Promise<string> }> {
  let wire: FaultyWire | null = null;
  return {
    wire() {
      if (wire === null) throw new Error("nothing has asked for the wire yet");
      return wire;
    },
    async through(databaseUrl) {
      const url = new URL(databaseUrl);
      wire = await faultyWire(Number(url.port));
      url.port = String(wire.port);
      return url.href;
    },
  };
}

describe("strangers", () => {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), "hookline-guesses-"));
  let shop: Shop;
  let owner: postgres.Sql;
  let counted: Awaited<ReturnType<typeof countedWire>>;
  /** Disks of objects. SQLite's temporary files beside a disk are not counted. */
  const files = () =>
    readdirSync(join(dir, "objects"), { recursive: true })
      .map(String)
      .filter((file) => file.endsWith(".sqlite"))
      .sort();

  beforeAll(async () => {
    counted = await countedWire();
    shop = await openShop({ dir, through: counted.through });
    owner = postgres(shop.ownerUrl, { max: 1, onnotice: () => {} });
    expect((await shop.send({ name: "#first", tags: "" })).status).toBe(202);
    // The directory has the list, and the Worker has it from the directory.
    expect(await statusOf(shop.raw("/in/first-guess", { body: "x" }))).toBe(404);
    await shop.worker.scheduled();
  });
  afterAll(async () => {
    await owner?.end({ timeout: 1 });
    await shop?.stop();
    await counted?.wire().close();
    rmSync(dir, { recursive: true, force: true });
  });

  /** Waits until nobody has opened a connection for two seconds: objects close theirs when they have nothing to do. */
  async function quiet(): Promise<void> {
    for (let before = -1; before !== counted.wire().opened(); ) {
      before = counted.wire().opened();
      await sleep(2_000);
    }
  }

  test("2,000 guessed names at 250 at once get 404, open no connection and leave no file", async () => {
    await quiet();
    const [before, filesBefore] = [counted.wire().opened(), files()];
    const ends = await flood(guesses, (nth) => statusOf(shop.raw(`/in/guess-${nth % 1_500}`, { body: "unsigned" })));
    expect(ends).toEqual({ 404: guesses });
    // One more: the notary has its own time.
    expect(counted.wire().opened() - before).toBeLessThanOrEqual(1);
    expect(files()).toEqual(filesBefore);
  });

  test("every honest webhook is accepted during a flood of guesses, on as many connections as without it", async () => {
    const filesBefore = files();
    const honest = sendHonest(shop);
    await sleep(300);
    const calm = watchConnections(owner);
    await sleep(1_500);
    const before = await calm.stop();
    const busy = watchConnections(owner);
    const ends = await flood(guesses, (nth) => statusOf(shop.raw(`/in/other-${nth}`, { body: "unsigned" })));
    const most = await busy.stop();
    const { sent, others } = await honest.stop();
    expect(others).toEqual([]);
    // 503 where a commit took so long that Postgres seemed to be down.
    expect((ends[404] ?? 0) + (ends[503] ?? 0)).toBe(guesses);
    expect(files()).toEqual(filesBefore);
    expect(sent).toBeGreaterThan(50);
    // One more: the notary has its own time.
    expect(most).toBeLessThanOrEqual(before + 1);
  });

  test("200 questions whether the service is ready, 40 at once, are one object's word on one connection", async () => {
    await quiet();
    const before = counted.wire().opened();
    const ends = await flood(200, async () => await statusText(fetch(`${shop.url}/readyz`)), 40);
    expect(ends).toEqual({ ready: 200 });
    expect(counted.wire().opened() - before).toBeLessThanOrEqual(1);
  });

  test("a source that is created is known to every Worker when its creation is answered", async () => {
    for (let nth = 0; nth < 3; nth++) {
      const slug = `new-${nth}`;
      // The Worker has just received a list without the name.
      const unknown = () => statusOf(shop.raw(`/in/${slug}`, { body: "x" }));
      await shop.until(unknown, (status) => status === 404);
      await put(shop, `/v1/sources/${slug}`, acmeSource);
      expect(await statusOf(shop.raw(`/in/${slug}`, { body: "{}", headers: signed("{}") }))).toBe(202);
    }
  });

  test("a source that was opened again is known as well", async () => {
    await put(shop, "/v1/sources/again", acmeSource);
    await shop.api("/v1/sources/again", { method: "DELETE" });
    expect(await statusOf(shop.raw("/in/again", { body: "{}", headers: signed("{}") }))).toBe(404);
    await put(shop, "/v1/sources/again", acmeSource);
    expect(await statusOf(shop.raw("/in/again", { body: "{}", headers: signed("{}") }))).toBe(202);
  });
});

test("a directory that lost its disk, while Postgres is away: known sources accept, and no other name is said not to exist", async () => {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), "hookline-guesses-"));
  const shop = await openShop({ dir, ownCluster: true });
  try {
    expect((await shop.send({ name: "#1", tags: "" })).status).toBe(202);
    await shop.cluster?.away();
    await shop.worker.kill("SIGKILL");
    rmSync(join(dir, "objects", "hookline-Directory"), { recursive: true });
    await shop.worker.restart();
    // Like a sender, the test repeats a webhook until it is accepted. Guesses may have used up this second's look-ups.
    const send = async (nth: number) => (await shop.send({ name: `#${nth}`, tags: "" })).status;
    const [honest, guessed] = await Promise.all([
      Promise.all(
        Array.from({ length: 20 }, (_, nth) =>
          shop.until(
            () => send(nth),
            (status) => status === 202,
          ),
        ),
      ),
      flood(200, (nth) => statusOf(shop.raw(`/in/guess-${nth}`, { body: "unsigned" }))),
    ]);
    expect(guessed).toEqual({ 503: 200 });
    expect(honest).toHaveLength(20);
    await shop.cluster?.back();
    await shop.until(
      () => send(20),
      (status) => status === 202,
    );
    const unknown = () => statusOf(shop.raw("/in/guess-again", { body: "unsigned" }));
    await shop.until(unknown, (status) => status === 404, 30_000);
  } finally {
    await shop.stop();
    rmSync(dir, { recursive: true, force: true });
  }
});
