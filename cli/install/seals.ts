// `hookline rotate-secret` and `hookline reseal`.
import { parseArgs } from "node:util";
import * as z from "zod";

import { type Command, CommandError, type Io } from "../command.ts";
import { sayConfirmation } from "../confirmation.ts";
import { callApi, findService, get, read, refusal } from "../service.ts";
import { counted } from "../words.ts";

const rotated = z.looseObject({
  secrets: z.array(z.looseObject({ id: z.string(), env: z.string().nullable(), expires_at: z.string().nullable() })),
});
const resealed = z.looseObject({
  kid: z.string(),
  resealed: z.number(),
  unreadable: z.array(z.string()),
  next_cursor: z.string().nullable(),
});

const overlapDefault = "24h";

export const rotateSecretCommand: Command = {
  usage: `SOURCE --env NAME [--overlap ${overlapDefault}] | SOURCE --remove NAME [--force]`,
  summary: "give a source a new secret, and end the others later",
  help: `Needs a token with the scope admin. Both verify until the overlap is over: set the new one in the sender's
product meanwhile. \`hookline apply\` leaves the new secret and those that end, whatever the file says,
until the file names the new one.

  --env      the environment variable that holds the new secret; it is kept under this name
  --overlap  how long the other secrets go on verifying: 90s, 10m, 24h, 7d (${overlapDefault})
  --remove   end the secret of this name or id now, and add none
  --force    remove it even if no other secret verifies`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        env: { type: "string" },
        overlap: { type: "string", default: overlapDefault },
        remove: { type: "string" },
        force: { type: "boolean", default: false },
      },
    });
    const [source, ...rest] = positionals;
    const usage = `usage: hookline rotate-secret ${rotateSecretCommand.usage}`;
    if (source === undefined || rest.length > 0) throw new CommandError(`name the source; ${usage}`, 2);
    if (values.remove !== undefined && values.env !== undefined)
      throw new CommandError(`--env adds a secret and --remove ends one: give one of them. ${usage}`, 2);
    if (values.remove !== undefined) return await removeSecret(io, source, values.remove, values.force);
    if (values.env === undefined) throw new CommandError(`name the variable with the new secret; ${usage}`, 2);
    const value = io.env[values.env];
    if (!value) throw new CommandError(`${values.env} is not set: it has to hold the new secret`, 2);
    const path = `/v1/sources/${encodeURIComponent(source)}/secrets`;
    const body = { env: values.env, value, retire_others_in: values.overlap };
    const answer = await callApi(findService(io), "POST", path, body);
    if (!answer.ok) throw refusal(answer);
    const { secrets } = read(rotated, answer.body);
    printSecrets(io, secrets);
    sayConfirmation(io, answer.body);
    const ending = secrets.filter(({ expires_at }) => expires_at !== null);
    io.out(`now set the new secret at the sender, and write it into the file: secrets: [{ env: ${values.env} }]`);
    if (ending.length > 0)
      io.out(
        `take ${ending.map(({ id, env }) => env ?? id).join(", ")} out of the file: once the time is over, no apply adds it again`,
      );
    io.out(`until the file names ${values.env}, an apply leaves it as it is`);
    return 0;
  },
};

type ShownSecret = z.output<typeof rotated>["secrets"][number];

function printSecrets(io: Io, secrets: readonly ShownSecret[]): void {
  for (const { id, env, expires_at } of secrets)
    io.out(`${id}  ${env ?? "(unnamed)"}  ${expires_at === null ? "verifies" : `verifies until ${expires_at}`}`);
}

/** Ends one secret of a source now. @param name its environment variable, or its id */
async function removeSecret(io: Io, source: string, name: string, force: boolean): Promise<number> {
  const service = findService(io);
  const path = `/v1/sources/${encodeURIComponent(source)}`;
  const { secrets } = await get(service, path, rotated);
  const [secret, ...others] = secrets.filter(({ id, env }) => env === name || id === name.toLowerCase());
  if (secret === undefined) throw new CommandError(`${source} has no secret ${name}`);
  if (others.length > 0)
    throw new CommandError(
      `${source} has several secrets ${name}; give an id: ${[secret, ...others].map(({ id }) => id).join(", ")}`,
    );
  const answer = await callApi(service, "DELETE", `${path}/secrets/${secret.id}${force ? "?force=true" : ""}`);
  if (!answer.ok) throw refusal(answer);
  io.out(
    `${secret.id}  ${secret.env ?? "(unnamed)"}  removed; take it out of the file, or the next apply adds it again`,
  );
  printSecrets(io, read(rotated, answer.body).secrets);
  sayConfirmation(io, answer.body);
  return 0;
}

export const resealCommand: Command = {
  usage: "",
  summary: "seal all stored secrets with the newest of SEALING_KEYS",
  help: `Needs a token with the scope admin. Put the new key in front of SEALING_KEYS, deploy, run this; then the older key
can be dropped, unless it is the last one: that also recognises equal secrets, and stays.

Exit code 1: a value can be opened by none of the keys. It is named and left as it is.`,
  async run(args, io) {
    parseArgs({ args, options: {} });
    const service = findService(io);
    let count = 0;
    const unreadable: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const answer = await callApi(service, "POST", "/v1/reseal", cursor ? { cursor } : {});
      if (!answer.ok) throw refusal(answer);
      const part = read(resealed, answer.body);
      count += part.resealed;
      unreadable.push(...part.unreadable);
      cursor = part.next_cursor;
    }
    io.out(`${counted(count, "value")} sealed anew`);
    for (const name of unreadable)
      io.say(`no key opens ${name}: put its key back into SEALING_KEYS, or set the value anew`);
    return unreadable.length === 0 ? 0 : 1;
  },
};
