// Between workerd and Postgres: keeps connections open from one client to the next, as Hyperdrive does. Only the first
// client of a connection signs in. A connection that a client has ended is reset, and given to the next one.
import { connect, createServer, type Socket } from "node:net";
import { framed, listen } from "./wire.ts";

/** A connection to Postgres, and what Postgres said once it was signed in. */
type Kept = { readonly socket: Socket; readonly greeting: Buffer[]; client: Socket | null };

export type Pool = { readonly url: string; readonly stop: () => Promise<void> };

/** Starts a pool for the database at `databaseUrl`. All its clients are of the role in that URL. */
export async function startPool(databaseUrl: string): Promise<Pool> {
  const to = new URL(databaseUrl);
  const idle: Kept[] = [];
  const open = new Set<Socket>();

  const server = createServer({ noDelay: true }, (client) => {
    const kept = idle.pop() ?? opened();
    const isGreeted = kept.greeting.length > 0;
    kept.client = client;
    let begun = false;
    let ended = false;
    const fromClient = framed(true, (type) => {
      ended ||= type === "X";
    });
    client.on("data", (chunk: Buffer) => {
      fromClient(chunk);
      const isStart = !begun;
      begun = true;
      if (isStart && isGreeted) client.write(Buffer.concat([message("R", signedIn), ...kept.greeting]));
      else kept.socket.write(ended ? chunk.subarray(0, chunk.length - endBytes) : chunk);
      if (!ended) return;
      kept.client = null;
      kept.socket.write(message("Q", Buffer.from("DISCARD ALL\0")));
    });
    client.on("close", () => {
      open.delete(client);
      // Without an end, statements may still run.
      if (!ended) kept.socket.destroy();
    });
    client.on("error", () => client.destroy());
    open.add(client);
  });

  function opened(): Kept {
    const socket = connect({ host: to.hostname, port: Number(to.port), noDelay: true });
    const kept: Kept = { socket, greeting: [], client: null };
    let isReady = false;
    const fromServer = framed(false, (type, body) => {
      if (!isReady && "SKZ".includes(type)) kept.greeting.push(message(type, Buffer.from(body(), "latin1")));
      if (type !== "Z") return;
      if (isReady && kept.client === null) idle.push(kept);
      isReady = true;
    });
    socket.on("data", (chunk: Buffer) => {
      kept.client?.write(chunk);
      fromServer(chunk);
    });
    socket.on("close", () => {
      open.delete(socket);
      kept.client?.destroy();
      if (idle.includes(kept)) idle.splice(idle.indexOf(kept), 1);
    });
    socket.on("error", () => socket.destroy());
    open.add(socket);
    return kept;
  }

  const own = new URL(databaseUrl);
  own.port = String(await listen(server));
  return {
    url: own.href,
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

/** Bytes of a client's end. */
const endBytes = 5;

/** Content of the message that a client is signed in. */
const signedIn = Buffer.alloc(4);

function message(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(4 + content.length, 1);
  return Buffer.concat([head, content]);
}
