import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { isAway } from "../../../src/store/postgres/connection.ts";
import { keptClient, withDeadline, withPatience } from "../../../src/store/postgres/kept-client.ts";

let server: Server;
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

/** A Postgres that takes connections and never says a word. */
const silence = () => listen((socket) => sockets.push(socket));

async function listen(taken: (socket: Socket) => void): Promise<string> {
  server = createServer(taken);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it does not listen");
  return `postgres://app:secret@127.0.0.1:${address.port}/hookline`;
}

test("a statement on a socket that says nothing ends at its deadline, as away, and the next has a connection of its own", async () => {
  const client = keptClient(await silence(), () => {});
  const store = withDeadline(client, 50, { ask: async () => await client.sql()`select 1` });
  const first = await store.ask().catch((error: unknown) => error);
  expect(isAway(first)).toBe(true);
  expect(await store.ask().catch(isAway)).toBe(true);
  expect(sockets.length).toBe(2);
  client.drop();
});

test("a Postgres that closes connections before they are ready is away at once, and is not asked for ever", async () => {
  let taken = 0;
  const client = keptClient(
    await listen((socket) => {
      taken++;
      socket.on("error", () => {});
      socket.end();
    }),
    () => {},
  );
  const began = performance.now();
  const answer = await client.within(5_000, async (sql) => await sql`select 1`).catch((error: unknown) => error);
  expect(isAway(answer)).toBe(true);
  expect(performance.now() - began).toBeLessThan(2_500);
  expect(taken).toBeLessThan(20);
  client.drop();
});

test("a store whose methods are not its own is refused: they would be lost without a word", async () => {
  const client = keptClient(await silence(), () => {});
  class Store {
    ask = async () => 1;
    tell() {}
  }
  expect(() => withDeadline(client, 50, new Store())).toThrow("plain object");
  expect(await withDeadline(client, 50, { ...new Store() }).ask()).toBe(1);
});

test("a statement that is late takes the connection from nobody who has a newer one", async () => {
  const client = keptClient(await silence(), () => {});
  const late = client.within(80, async (sql) => await sql`select 1`).catch((error: unknown) => error);
  client.drop();
  const newer = client.sql();
  await late;
  expect(client.sql()).toBe(newer);
  client.drop();
});

test("a method that is usually short has little time on a dead connection, and more at each next try", async () => {
  const client = keptClient(await silence(), () => {});
  const store = withPatience(client, { minMs: 40, maxMs: 200 }, { ask: async () => await client.sql()`select 1` });
  const waits: number[] = [];
  for (let nth = 0; nth < 4; nth++) {
    const began = performance.now();
    expect(await store.ask().catch(isAway)).toBe(true);
    waits.push(performance.now() - began);
  }
  for (const [nth, least] of [40, 80, 160, 200].entries()) expect(waits[nth]).toBeGreaterThanOrEqual(least - 5);
  expect(waits[0]).toBeLessThan(waits[3] ?? 0);
  client.drop();
});

test("a method that took long has twice its time again, and another method of the store has its own", async () => {
  const client = keptClient(await silence(), () => {});
  const later = (ms: number) => new Promise<string>((resolve) => setTimeout(() => resolve("done"), ms));
  const store = withPatience(client, { minMs: 100, maxMs: 1_000 }, { walk: later, link: later, name: "chain" });
  expect(await store.walk(90)).toBe("done");
  expect(await store.walk(150)).toBe("done");
  expect(isAway(await store.link(150).catch((error: unknown) => error))).toBe(true);
  expect(await store.link(150)).toBe("done");
  expect(store.name).toBe("chain");
  client.drop();
});

/** A stand-in of Postgres that accepts every login and answers every statement with no rows. */
const noRows = (isThere = () => true) =>
  listen((socket) => {
    sockets.push(socket);
    const said = (type: string, body: Buffer) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(body.length + 4);
      return Buffer.concat([Buffer.from(type), length, body]);
    };
    const ready = said("Z", Buffer.from("I"));
    const none = Buffer.alloc(0);
    const answer = [said("1", none), said("n", none), said("2", none), said("C", Buffer.from("SELECT 0\0")), ready];
    let begun = false;
    socket.on("data", () => {
      if (isThere()) socket.write(begun ? Buffer.concat(answer) : Buffer.concat([said("R", Buffer.alloc(4)), ready]));
      begun = true;
    });
  });

test("a connection is kept for the time that is asked for after its last statement, and the next statement opens another", async () => {
  const url = await noRows();
  const long = keptClient(url, () => {}, 15_000);
  const short = keptClient(url, () => {}, 100);
  await long.sql()`select 1`;
  await short.sql()`select 1`;
  expect(sockets.length).toBe(2);
  await new Promise((done) => sockets[1]?.once("close", done));
  expect(sockets[0]?.closed).toBe(false);
  await long.sql()`select 1`;
  expect(sockets.length).toBe(2);
  await short.sql()`select 1`;
  expect(sockets.length).toBe(3);
  long.drop();
  short.drop();
});

test("a kept connection that went away unheard is left after a second, and not after the statement's own deadline", async () => {
  let there = true;
  const client = keptClient(await noRows(() => there), () => {}, 15_000);
  const store = withDeadline(client, 30_000, { ask: async () => await client.sql()`select 2` });
  await store.ask();
  // Time in which nothing is asked, and then nothing answers.
  await new Promise((idle) => setTimeout(idle, 1_100));
  there = false;
  const began = performance.now();
  expect(isAway(await store.ask().catch((error: unknown) => error))).toBe(true);
  expect(performance.now() - began).toBeLessThan(5_000);
  there = true;
  await store.ask();
  expect(sockets.length).toBe(2);
  client.drop();
});
