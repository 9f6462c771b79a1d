/**
 * A wire between a client and Postgres that counts: the only honest way to know how many round trips a statement takes.
 *
 * Messages are those of Postgres' frontend protocol (version 3), which the client speaks in clear.
 */
import { createServer, type Socket, connect as tcp } from "node:net";

export type Wire = {
  /** The same database, by way of the wire. */
  url: string;
  /** Begins to count anew. */
  reset(): void;
  /** Times that the client spoke after Postgres did. */
  roundTrips(): number;
  /** Frontend messages: their type, and for Parse and Bind the name of the prepared statement. */
  messages(): { type: string; statement: string | null }[];
  close(): Promise<void>;
};

/** @param url where Postgres is */
export async function countingWire(url: string): Promise<Wire> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let trips = 0;
  let seen: { type: string; statement: string | null }[] = [];
  let speaker: "client" | "postgres" = "postgres";

  const server = createServer((client) => {
    const postgres = tcp(Number(target.port), target.hostname);
    const read = messageReader((message) => seen.push(message));
    for (const socket of [client, postgres]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => sockets.delete(socket));
    }
    client.on("data", (bytes) => {
      if (speaker === "postgres") trips++;
      speaker = "client";
      read(bytes);
      postgres.write(bytes);
    });
    postgres.on("data", (bytes) => {
      speaker = "postgres";
      client.write(bytes);
    });
    client.on("end", () => postgres.end());
    postgres.on("end", () => client.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the wire has no port");
  const through = new URL(url);
  through.hostname = "127.0.0.1";
  through.port = String(address.port);
  return {
    url: through.href,
    reset() {
      trips = 0;
      seen = [];
    },
    roundTrips: () => trips,
    messages: () => seen,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Cuts a client's bytes into messages. The first, the startup message, has no type. */
function messageReader(found: (message: { type: string; statement: string | null }) => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let started = false;
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const head = started ? 1 : 0;
      if (rest.length < head + 4) return;
      const length = head + rest.readInt32BE(head);
      if (rest.length < length) return;
      const message = rest.subarray(0, length);
      rest = rest.subarray(length);
      if (started) found({ type: String.fromCharCode(message[0] ?? 0), statement: statementOf(message) });
      started = true;
    }
  };
}

/** Parse begins with the statement's name; Bind with the portal's, then the statement's. */
function statementOf(message: Buffer): string | null {
  const type = String.fromCharCode(message[0] ?? 0);
  if (type !== "P" && type !== "B") return null;
  const [first = "", second = ""] = message.subarray(5).toString("latin1").split("\0", 2);
  return type === "P" ? first : second;
}
