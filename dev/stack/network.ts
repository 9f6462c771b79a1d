import { createServer } from "node:net";

/** A TCP port of 127.0.0.1 that was free a moment ago, chosen by the system. */
export function freePort(): Promise<number> {
  return tryListen(0).then((port) => port ?? Promise.reject(new Error("no free port on 127.0.0.1")));
}

/** The first free port of 127.0.0.1 from `first` upwards, trying `tries` of them. */
export async function nextFreePort(first: number, tries = 100): Promise<number> {
  for (let port = first; port < first + tries && port < 65_536; port += 1) {
    if ((await tryListen(port)) !== undefined) return port;
  }
  throw new Error(`no free port among ${first} to ${first + tries - 1}`);
}

// Tries both addresses: on some systems 127.0.0.1 can be bound although another server listens on every address, and that server
// would then answer the browser.
async function tryListen(port: number): Promise<number | undefined> {
  const got = await listenOnce(port, "127.0.0.1");
  if (got === undefined || port === 0) return got;
  return listenOnce(port, "0.0.0.0");
}

function listenOnce(port: number, host: string): Promise<number | undefined> {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(undefined));
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      const got = typeof address === "object" && address !== null ? address.port : undefined;
      server.close(() => done(got));
    });
  });
}
