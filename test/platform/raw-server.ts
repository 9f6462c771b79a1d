/** A server that answers exact bytes: what no well-behaved server would send. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";

export type RawServer = {
  readonly url: string;
  /** The requests that arrived whole, head and body, oldest first. */
  readonly requests: string[];
  close(): Promise<void>;
};

/** Starts a server that hands each request's socket on once the request is whole. */
export async function startRawServer(answer: (socket: Socket, request: string) => void): Promise<RawServer> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    let received = "";
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      if (!isWhole(received)) return;
      requests.push(received);
      const request = received;
      received = "";
      answer(socket, request);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server listens on no TCP port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function isWhole(received: string): boolean {
  const end = received.indexOf("\r\n\r\n");
  const length = /^content-length: (\d+)/im.exec(received)?.[1] ?? "0";
  return end >= 0 && received.length - end - 4 >= Number(length);
}

/** A whole answer with its true length; further header lines may be given. */
export function bytesOf(status: number, body: string, headers: readonly string[] = []): string {
  const head = [`HTTP/1.1 ${status} X`, `content-length: ${Buffer.byteLength(body)}`, "connection: close", ...headers];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}
