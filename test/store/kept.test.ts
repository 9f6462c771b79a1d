import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { isAway } from "../../src/store/connection.ts";
import { keptClient, withDeadline } from "../../src/store/kept.ts";

let server: Server;
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

/** A Postgres that takes connections and never says a word. */
async function silence(): Promise<string> {
  server = createServer((socket) => sockets.push(socket));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it does not listen");
  return `postgres://app:secret@127.0.0.1:${address.port}/hookline`;
}

test("a statement on a socket that says nothing ends at its deadline, as away, and the next has a connection of its own", async () => {
  const client = keptClient(await silence());
  const store = withDeadline(client, 50, { ask: async () => await client.sql()`select 1` });
  const first = await store.ask().catch((error: unknown) => error);
  expect(isAway(first)).toBe(true);
  expect(await store.ask().catch(isAway)).toBe(true);
  expect(sockets.length).toBe(2);
  client.drop();
});
