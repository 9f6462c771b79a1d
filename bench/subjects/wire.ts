// Postgres' protocol (3.0, "Message Flow"), as far as what stands between workerd and Postgres has to read it.
import type { Server } from "node:net";

/** Cuts a stream into the protocol's messages. `see` gets the type of each, and can read its text. */
export function framed(startsBare: boolean, see: (type: string, body: () => string) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  // A client's first message has a length and no type.
  let bare = startsBare;
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const head = bare ? 0 : 1;
      if (rest.length < head + 4) return;
      const end = head + rest.readUInt32BE(head);
      if (rest.length < end) return;
      const message = rest.subarray(head + 4, end);
      if (!bare) see(String.fromCharCode(rest[0] ?? 0), () => message.toString("latin1"));
      bare = false;
      rest = rest.subarray(end);
    }
  };
}

/** @returns the port on this machine */
export async function listen(server: Server): Promise<number> {
  return await new Promise((done) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      done(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}
