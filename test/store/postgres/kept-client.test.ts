import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { isAway } from "../../../src/store/postgres/connection.ts";
import { keptClient, withDeadline } from "../../../src/store/postgres/kept-client.ts";

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
