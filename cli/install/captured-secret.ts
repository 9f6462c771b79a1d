// `hookline captured-secret`: prints the secret that a sender handed over, for senders that ask for it again.
import { parseArgs } from "node:util";
import postgres from "postgres";
import { createSealer } from "../../src/platform/seal.ts";
import { type Command, CommandError, type Io } from "../command.ts";
import { ownerUrl, sayingWhat } from "../database.ts";
import { readDevInfo } from "../local/dev-file.ts";
import { stateDir } from "../local/paths.ts";
import { loadKeySets, readKeySet } from "./keys.ts";

export const capturedSecretCommand: Command = {
  usage: "SOURCE",
  summary: "show the key that a sender handed over at its set-up (Notion asks for it back)",
  help: `Prints the key and nothing else on stdout; an audit entry says that it was shown. The API never shows a secret, so
this command does not use it: it needs DATABASE_URL (the owner's role) and SEALING_KEYS, as bootstrap printed them, or an \`npm start\`
that runs on this machine.`,
  async run(args, io) {
    const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
    const [source, ...rest] = positionals;
    if (source === undefined || rest.length > 0)
      throw new CommandError("name the source; usage: hookline captured-secret SOURCE", 2);
    const { databaseUrl, sealingKeys } = reach(io);
    const sealed = await sayingWhat("the secret", () => captured(databaseUrl, source));
    if (sealed === null) throw new CommandError(`no sender has handed a secret over to ${source}, or it is retired`);
    const opened = await createSealer(sealingKeys).open(sealed);
    if (!opened.ok) throw new CommandError("none of the SEALING_KEYS opens this secret");
    io.out(opened.text);
    return 0;
  },
};

/** The database, and the keys that unseal the secret. */
function reach(io: Io): { databaseUrl: string; sealingKeys: ReturnType<typeof readKeySet> } {
  const text = io.env.SEALING_KEYS;
  const dev = io.env.DATABASE_URL === undefined && text === undefined ? readDevInfo() : undefined;
  if (dev !== undefined) return { databaseUrl: dev.databaseUrl, sealingKeys: loadKeySets(stateDir).SEALING_KEYS };
  const databaseUrl = ownerUrl(io);
  if (!text)
    throw new CommandError(
      "SEALING_KEYS is not set: the keys that bootstrap printed, which the Worker has as a secret",
    );
  return { databaseUrl, sealingKeys: readKeySet("SEALING_KEYS", text) };
}

/** Reads the sealed secret, and adds the entry about this reading in the same statement. */
async function captured(databaseUrl: string, source: string): Promise<string | null> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined, connect_timeout: 10 });
  try {
    const [row] = await sql<{ sealed: string }[]>`
      with found as (
        select s.id, s.source, s.sealed from secrets s
        where s.source = ${source} and s.retired_at is null and exists (
          select 1 from entries e where e.subject = 'source' and e.subject_id = s.source
            and e.action = 'secret_captured' and e.data ->> 'secret' = s.id::text)
      ), told as (
        insert into entries (subject, subject_id, action, actor, data)
        select 'source', source, 'secret_shown', 'owner', jsonb_build_object('secret', id) from found
      )
      select sealed from found`;
    return row?.sealed ?? null;
  } finally {
    await sql.end({ timeout: 5 });
  }
}
