// `hookline token`, `tokens` and `revoke`: the tokens of the API.
import { parseArgs } from "node:util";
import * as z from "zod";
import { type Command, CommandError, type Io } from "../command.ts";
import { ownerUrl, sayingWhat } from "../database.ts";
import { callApi, findService, get, read, refusal } from "../service.ts";
import { readKeySet } from "./keys.ts";
import { allScopes, mintToken } from "./mint-token.ts";

const issued = z.looseObject({
  jti: z.string(),
  token: z.string(),
  scopes: z.array(z.string()),
  expires_at: z.string(),
});
const listed = z.looseObject({
  data: z.array(
    z.looseObject({
      jti: z.string(),
      name: z.string(),
      scopes: z.array(z.string()),
      expires_at: z.string(),
      revoked_at: z.string().nullable(),
      // Both are absent from the previous version.
      replaced_by: z.string().nullable().optional(),
      ends_soon: z.boolean().optional(),
    }),
  ),
});
const daysDefault = 30;

export const tokenCommand: Command = {
  usage: "[--scope SCOPE]… [--days N] [--name NAME] | --show | --recover",
  summary: "make an API token, or show the one in use",
  help: `Prints the token, once, and nothing else on stdout. Needs a token with the scope admin, and with every scope
that the new one gets: a token can give only what it has.

  --scope   calls:read (the default), calls:write, pii:read, hooks:write or admin; several times, or with commas
  --days    how long it is valid, 1 to 90 (${daysDefault})
  --name    what it is for, as lists and entries show it
  --show    print the token that this command line itself uses, to sign in with
  --recover when no token with the scope admin is left, or none has the scope that a new one needs: one
            for everything that is valid for one hour, to make longer ones with. Asks no service: it needs DATABASE_URL (the owner's role) and
            TOKEN_KEYS, as bootstrap printed them. Goes with no other option`,
  async run(args, io) {
    const { values } = parseArgs({
      args,
      options: {
        scope: { type: "string", multiple: true },
        days: { type: "string" },
        name: { type: "string" },
        show: { type: "boolean" },
        recover: { type: "boolean" },
      },
    });
    if (values.recover) {
      const { recover: _, ...others } = values;
      const [other] = Object.keys(others);
      if (other !== undefined)
        throw new CommandError(`--recover takes no --${other}: its token is for everything, and valid for one hour`, 2);
      return await recover(io);
    }
    const service = findService(io);
    if (values.show) {
      if (service.token === undefined)
        throw new CommandError(`no token is in use for ${service.url}: set HOOKLINE_TOKEN`);
      io.out(service.token);
      return 0;
    }
    const days = Number(values.days ?? daysDefault);
    if (!Number.isInteger(days)) throw new CommandError("--days takes a whole number", 2);
    const scopes = (values.scope ?? ["calls:read"]).flatMap((scope) => scope.split(",")).map((scope) => scope.trim());
    const answer = await callApi(service, "POST", "/v1/tokens", { name: values.name ?? "command line", scopes, days });
    if (!answer.ok) throw refusal(answer);
    const made = read(issued, answer.body);
    io.say(`${made.scopes.join(" ")}, until ${made.expires_at}, id ${made.jti}; it is not shown again`);
    io.out(made.token);
    return 0;
  },
};

/**
 * Creates a token without the API. The owner's URL and the keys allow that in any case; this way it leaves an entry.
 */
async function recover(io: Io): Promise<number> {
  const owner = ownerUrl(io);
  const text = io.env.TOKEN_KEYS;
  if (!text)
    throw new CommandError("TOKEN_KEYS is not set: the keys that bootstrap printed, which the Worker has as a secret");
  const made = await sayingWhat("the token", () =>
    mintToken({
      ownerUrl: owner,
      tokenKeys: readKeySet("TOKEN_KEYS", text),
      scopes: allScopes,
      days: 1 / 24,
      name: "recovery",
    }),
  );
  io.say(`for everything, until ${made.expiresAt.toISOString()}, id ${made.jti}; it is not shown again`);
  io.say(`signed with the key "${made.kid}": the Worker takes it only if its own TOKEN_KEYS has that key`);
  io.out(made.token);
  return 0;
}

export const tokensCommand: Command = {
  usage: "",
  summary: "list the API tokens",
  help: `The tokens themselves are kept nowhere; \`revoke\` takes their ids. "replaced by" names the token of the same name that
is valid for longest. "ends soon" marks a token that ends within 14 days and that no token replaces.`,
  async run(args, io) {
    parseArgs({ args, options: {} });
    const { data } = await get(findService(io), "/v1/tokens", listed);
    for (const { jti, name, scopes, expires_at, revoked_at, replaced_by, ends_soon } of data) {
      const state = revoked_at === null ? `until ${expires_at}` : `revoked ${revoked_at}`;
      const note = ends_soon ? "  ends soon: renew or replace it" : replaced_by ? `  replaced by ${replaced_by}` : "";
      io.out(`${jti}  ${state.padEnd(32)}  ${scopes.join(" ").padEnd(56)}  ${name}${note}`);
    }
    return 0;
  },
};

export const revokeCommand: Command = {
  usage: "ID",
  summary: "revoke an API token, and end the sessions opened with it",
  help: "Everywhere within 30 seconds. `tokens` lists the ids.",
  async run(args, io) {
    const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
    const [jti, ...rest] = positionals;
    if (jti === undefined || rest.length > 0)
      throw new CommandError("name the token's id; usage: hookline revoke ID", 2);
    const answer = await callApi(findService(io), "DELETE", `/v1/tokens/${encodeURIComponent(jti)}`);
    if (!answer.ok) throw refusal(answer);
    io.say("revoked");
    return 0;
  },
};
