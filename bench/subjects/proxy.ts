// Between workerd and Postgres: counts round trips exactly. Every flight of a client ends with a Sync or a Query, and
// Postgres answers each of those with one ReadyForQuery ('Z', protocol 3.0, "Message Flow"); the first one of a
// connection ends its start-up and is counted apart. The statement is identified by Parse and Bind.
import { connect, createServer, type Socket } from "node:net";
import { framed, listen } from "./wire.ts";

/** Counts of the traffic so far. */
export type Trips = {
  readonly roundTrips: number;
  readonly connections: number;
  /** Time for which connections were open, summed over them, in milliseconds. */
  readonly connectedMs: number;
  /** The statement's kind → executions. */
  readonly statements: Readonly<Record<string, number>>;
};

export type CountingProxy = { port: number; read: () => Trips; stop: () => Promise<void> };

/** Starts a proxy to the Postgres at `databaseUrl`; `kindOf` names a statement by its SQL. */
export async function startProxy(databaseUrl: string, kindOf: (sql: string) => string): Promise<CountingProxy> {
  const to = new URL(databaseUrl);
  let roundTrips = 0;
  let connections = 0;
  const statements: Record<string, number> = {};
  const open = new Set<Socket>();
  const connectedAt = new Map<Socket, number>();
  let connectedMs = 0;

  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: to.hostname, port: Number(to.port), noDelay: true });
    const kinds = new Map<string, string>();
    let started = false;
    const fromServer = framed(false, (type) => {
      if (type !== "Z") return;
      if (started) roundTrips++;
      else connections++;
      started = true;
    });
    const fromClient = framed(true, (type, body) => {
      if (type === "P") {
        const [name = "", sql = ""] = body().split("\0");
        kinds.set(name, kindOf(sql));
      } else if (type === "B") {
        const [, name = ""] = body().split("\0", 2);
        const kind = kinds.get(name) ?? "other";
        statements[kind] = (statements[kind] ?? 0) + 1;
      }
    });
    connectedAt.set(client, performance.now());
    client.on("close", () => {
      connectedMs += performance.now() - (connectedAt.get(client) ?? 0);
      connectedAt.delete(client);
    });
    join(client, upstream, fromClient);
    join(upstream, client, fromServer);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("close", () => open.delete(socket));
    }
  });
  const port = await listen(server);
  return {
    port,
    read() {
      const now = performance.now();
      const still = [...connectedAt.values()].reduce((sum, at) => sum + now - at, 0);
      return { roundTrips, connections, connectedMs: connectedMs + still, statements: { ...statements } };
    },
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

function join(from: Socket, to: Socket, see: (chunk: Buffer) => void): void {
  from.on("data", (chunk: Buffer) => {
    to.write(chunk);
    see(chunk);
  });
  from.on("end", () => to.end());
  from.on("error", () => to.destroy());
}
