// `hookline bootstrap`: makes the first keys and the first token of an installation.
import { parseArgs } from "node:util";
import postgres from "postgres";
import { type Command, CommandError, type Io } from "../command.ts";
import { ownerUrl, sayingWhat } from "../database.ts";
import { wrangler } from "../wrangler.ts";
import { keyVars, makeKeySets, makeReceiptKeySet, readReceiptKeys, rotateReceiptKeys } from "./keys.ts";
import { allScopes, mintToken } from "./mint-token.ts";

const hourDays = 1 / 24;

export const bootstrapCommand: Command = {
  usage: "[--print-only] [--force] [--rotate receipts]",
  summary: "make the keys, set them as the Worker's secrets, make a first token",
  help: `Needs DATABASE_URL (the owner's role; run \`migrate\` first) and a \`wrangler\` that is logged in.
Makes TOKEN_KEYS, SESSION_KEYS, SEALING_KEYS and RECEIPT_KEYS, prints them once (keep them in a safe:
without SEALING_KEYS the stored secrets cannot be read again), and a token for everything that is
valid for one hour, to make longer ones with.

  --print-only   print the keys and set nothing
  --force        even though secrets are sealed with other keys already: they become unreadable
  --rotate receipts
                 only a new key for heads and receipts, in front of those of RECEIPT_KEYS (the set that
                 is in use, from your safe), which go on verifying and lose their private part; with
                 --force and no RECEIPT_KEYS a first one. Needs no database`,
  async run(args, io) {
    const { values } = parseArgs({
      args,
      options: { "print-only": { type: "boolean" }, force: { type: "boolean" }, rotate: { type: "string" } },
    });
    if (values.rotate !== undefined) return await rotate(io, values.rotate, values["print-only"], values.force);
    const owner = ownerUrl(io);
    const sealed = await sayingWhat("the database (have the migrations run?)", () => countSecrets(owner));
    if (sealed > 0 && !values.force)
      throw new CommandError(
        `${sealed} stored secrets are sealed with keys of an earlier bootstrap, and new keys would make them unreadable; --force does it all the same`,
      );
    const keys = makeKeySets();
    const vars = keyVars(keys);
    await hand(io, vars, values["print-only"] ?? false);
    const made = await sayingWhat("the first token", () =>
      mintToken({
        ownerUrl: owner,
        tokenKeys: keys.TOKEN_KEYS,
        scopes: allScopes,
        days: hourDays,
        name: "bootstrap",
      }),
    );
    io.say(`A token for everything, valid until ${made.expiresAt.toISOString()}; once the Worker is deployed:`);
    io.out(`HOOKLINE_TOKEN=${made.token}`);
    io.say("Still to be set with `wrangler secret put`: MIHU_TOKEN and MIHU_BASE_URL");
    return 0;
  },
};

async function rotate(io: Io, what: string, printOnly = false, force = false): Promise<number> {
  if (what !== "receipts")
    throw new CommandError("only --rotate receipts is possible; docs/security.md says how the others are rotated", 2);
  const text = io.env.RECEIPT_KEYS;
  if (!text && !force)
    throw new CommandError(
      "RECEIPT_KEYS is not set: without the set that is in use, what it signed could not be verified any more; --force makes a first key",
    );
  const keys = await sayingWhat("RECEIPT_KEYS", async () =>
    text ? rotateReceiptKeys(readReceiptKeys(text)) : makeReceiptKeySet(),
  );
  await hand(io, { RECEIPT_KEYS: JSON.stringify(keys) }, printOnly);
  return 0;
}

/** Prints the keys once, and sets them as the Worker's secrets. */
async function hand(io: Io, vars: Readonly<Record<string, string>>, printOnly: boolean): Promise<void> {
  io.say("Keep these in a safe; they are not shown again:");
  for (const [name, value] of Object.entries(vars)) io.out(`${name}=${value}`);
  if (printOnly) io.say("nothing was set: put each in place with `wrangler secret put NAME`");
  else await setSecrets(io, vars);
}

async function countSecrets(owner: string): Promise<number> {
  const sql = postgres(owner, { max: 1, connect_timeout: 10, onnotice: () => undefined });
  try {
    const [row] = await sql<{ n: number }[]>`select count(*)::int as n from secrets where retired_at is null`;
    return row?.n ?? 0;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function setSecrets(io: Io, vars: Readonly<Record<string, string>>): Promise<void> {
  // Secrets go through standard input: other users of this machine can read command lines.
  const done = await wrangler(["secret", "bulk"], JSON.stringify(vars));
  if (done.code !== 0)
    throw new CommandError(
      `wrangler could not set the secrets; set the keys above by hand, or log in and run this again:\n${done.text}`,
    );
  io.say(`wrangler has set ${Object.keys(vars).join(", ")}`);
}
