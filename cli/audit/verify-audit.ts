// `hookline verify-audit`: walks the audit chain and names its first break.
import { parseArgs } from "node:util";
import postgres from "postgres";
import * as z from "zod";
import { type Command, CommandError, type Io } from "../command.ts";
import { ownerUrl, sayingWhat } from "../database.ts";
import { readDevInfo } from "../local/dev-file.ts";
import { findService, get, type Service } from "../service.ts";
import { counted } from "../words.ts";
import { compareAll } from "./calls.ts";
import {
  type BadHead,
  headsInFile,
  isKnown,
  type KnownHead,
  loadJwks,
  type PublicKeys,
  readJwks,
  verifyHead,
} from "./heads.ts";
import { walkChain } from "./walk.ts";

const answer = z.looseObject({
  data: z.array(z.looseObject({ jws: z.string(), position: z.number(), hash: z.string() })),
  problem: z.looseObject({ kind: z.string(), position: z.number(), found: z.number() }).nullable(),
});

export const verifyAuditCommand: Command = {
  usage: "[--heads FILE]… [--jwks FILE|URL] [--offline]",
  summary: "walk the audit chain and name its first break",
  help: `Needs DATABASE_URL (any role that may read entries, links, heads and calls), or a running \`npm start\`.
Asks the service for its public keys and for the heads that the notary keeps outside of Postgres.
Then compares every call with its entries: status, reason, outcome, times, conversation, number and texts,
and what it was made of. Ends with 1 at a break or a difference, and says what was done where.

  --heads FILE     heads that were kept elsewhere: a JWS a line, lines of the log, or an answer of
                   /v1/audit/heads; may be given several times
  --jwks FILE|URL  the public keys, from a place that nobody else can write to
  --offline        do not ask the service; a change that only its own heads show is not found (needs --jwks)`,
  async run(args, io) {
    const { values } = parseArgs({
      args,
      options: { heads: { type: "string", multiple: true }, jwks: { type: "string" }, offline: { type: "boolean" } },
    });
    if (values.offline && values.jwks === undefined) throw new CommandError("--offline needs --jwks", 2);
    const service = values.offline ? null : findService(io);
    const keys = values.jwks === undefined ? await keysOf(service) : await loadJwks(values.jwks);
    const sql = postgres(databaseUrl(io), { max: 1, connect_timeout: 10, onnotice: () => undefined });
    try {
      // Heads are read first: the chain only grows, so entries read later include every signed position.
      const stored = await sayingWhat("the heads in the database", () => headsInDatabase(sql, keys));
      const notarys = service === null ? [] : await headsOfNotary(io, service, keys);
      const filed = (await Promise.all((values.heads ?? []).map((path) => headsInFile(path, keys)))).flat();
      const all = [...stored, ...notarys, ...filed];
      io.say(
        `heads: ${stored.length} in the database, ${service === null ? "the notary was not asked" : `${notarys.length} kept by the notary`}, ${filed.length} in files`,
      );
      const bad = all.filter((head): head is BadHead => !isKnown(head));
      const chain = report(io, bad, await sayingWhat("the chain", () => walkChain(sql, all.filter(isKnown))));
      const calls = await sayingWhat("the calls", () => compareAll(io, sql));
      return Math.max(chain, calls);
    } finally {
      await sql.end({ timeout: 5 });
    }
  },
};

function report(io: Io, bad: readonly BadHead[], walk: Awaited<ReturnType<typeof walkChain>>): number {
  const { links, last, signed, setAside, broken, warning } = walk;
  for (const { from, position, reason } of bad)
    io.out(
      `BROKEN: a head of ${from}${position === null ? "" : ` at position ${position}`} cannot be believed: ${reason}`,
    );
  if (broken !== null) io.out(`BROKEN: ${broken.sentence}`);
  if (warning !== null) io.out(`WARNING: ${warning}`);
  io.out(`${counted(links, "entry", "entries")} verified, up to position ${last.position}, hash ${last.hash}`);
  if (signed !== null)
    io.out(
      `signed up to position ${signed.position}${signed.at === null ? "" : `, ${new Date(signed.at).toISOString()}`} (head of ${signed.from})`,
    );
  if (signed === null && links > 0) io.out("no head was found that signs any part of it");
  if (setAside > 0)
    io.out(
      `${counted(setAside, "head")} from before a restore that a person accepted ${setAside === 1 ? "was" : "were"} set aside`,
    );
  const good = broken === null && bad.length === 0;
  io.say(good ? "the chain holds" : "the chain is broken");
  return good ? 0 : 1;
}

async function keysOf(service: Service | null): Promise<PublicKeys> {
  if (service === null) throw new CommandError("there are no public keys to check with: give --jwks");
  return readJwks(await get(service, "/.well-known/jwks.json", z.unknown()));
}

async function headsInDatabase(sql: postgres.Sql, keys: PublicKeys): Promise<(KnownHead | BadHead)[]> {
  const found: (KnownHead | BadHead)[] = [];
  type Row = { position: number; hash: string; jws: string };
  const rows = sql<
    Row[]
  >`select position::float8 as position, encode(hash, 'hex') as hash, jws from heads order by position`;
  for await (const batch of rows.cursor(1_000))
    for (const { jws, ...row } of batch) found.push(await verifyHead(jws, "the database", keys, row));
  return found;
}

async function headsOfNotary(io: Io, service: Service, keys: PublicKeys): Promise<(KnownHead | BadHead)[]> {
  const { data, problem } = await get(service, "/v1/audit/heads", answer);
  if (problem !== null)
    io.say(
      `the notary says: the stored chain (up to ${problem.found}) is not the one that it signed (up to ${problem.position})`,
    );
  return await Promise.all(
    data.map(({ jws, position, hash }) => verifyHead(jws, "the notary", keys, { position, hash })),
  );
}

function databaseUrl(io: Io): string {
  const dev = io.env.DATABASE_URL ? undefined : readDevInfo();
  return dev === undefined ? ownerUrl(io) : dev.databaseUrl;
}
