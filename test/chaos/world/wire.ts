/**
 * A wire between one workerd and Postgres that can be cut and made to hang.
 *
 * Messages are those of Postgres' frontend protocol (version 3): a statement begins with Parse (`P`), Bind (`B`) or Query (`Q`).
 */
import { connect, createServer, type Socket } from "node:net";

/** `midway`: half of a statement arrives. `unanswered`: all of it arrives and is carried out, and its answer does not come back. */
type Cut = "midway" | "unanswered";

export type FaultyWire = {
  port: number;
  /** The next statement on any connection is cut. */
  cut: (how: Cut) => void;
  /** Number of opened connections. */
  opened: () => number;
  /** Number of cuts that struck, by kind. */
  cuts: () => Readonly<Record<Cut, number>>;
  /** Nothing passes, in either direction and on new connections too, until `release`. */
  hang: () => void;
  /** Lets pass what was held; `"broken"` cuts all connections instead. */
  release: (how: "late" | "broken") => void;
  /** Gives up what is armed and has not struck. */
  disarm: () => void;
  close: () => Promise<void>;
};

type Pair = { readonly client: Socket; readonly upstream: Socket };

const statementTypes: ReadonlySet<number> = new Set([..."PBQ"].map((letter) => letter.charCodeAt(0)));

/** @param target the port of 127.0.0.1 at which Postgres listens, whenever it does */
export async function faultyWire(target: number): Promise<FaultyWire> {
  const pairs = new Set<Pair>();
  const struck: Record<Cut, number> = { midway: 0, unanswered: 0 };
  let armed: Cut[] = [];
  let hanging = false;
  let opened = 0;

  const server = createServer({ noDelay: true, pauseOnConnect: true }, (client) => {
    const upstream = connect({ host: "127.0.0.1", port: target, noDelay: true });
    const pair: Pair = { client, upstream };
    opened++;
    let swallow = false;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      socket.on("error", end);
      socket.on("close", end);
    }
    client.on("data", (bytes) => {
      const how = isStatement(bytes) ? armed.shift() : undefined;
      if (how === undefined) {
        upstream.write(bytes);
        return;
      }
      struck[how]++;
      swallow = how === "unanswered";
      if (swallow) upstream.write(bytes);
      else upstream.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), end);
    });
    upstream.on("data", (bytes) => {
      if (swallow) end();
      else client.write(bytes);
    });
    client.on("end", end);
    upstream.on("end", end);
    if (hanging) upstream.pause();
    else client.resume();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the wire has no port");

  return {
    port: address.port,
    cut: (how) => {
      armed.push(how);
    },
    opened: () => opened,
    cuts: () => ({ ...struck }),
    hang() {
      hanging = true;
      for (const { client, upstream } of pairs) {
        client.pause();
        upstream.pause();
      }
    },
    release(how) {
      hanging = false;
      for (const { client, upstream } of [...pairs]) {
        if (how === "broken") {
          client.destroy();
          upstream.destroy();
        } else {
          client.resume();
          upstream.resume();
        }
      }
    },
    disarm: () => {
      armed = [];
    },
    close: () =>
      new Promise((done) => {
        for (const { client, upstream } of pairs) {
          client.destroy();
          upstream.destroy();
        }
        server.close(() => done());
      }),
  };
}

function isStatement(bytes: Buffer): boolean {
  return statementTypes.has(bytes[0] ?? 0);
}
