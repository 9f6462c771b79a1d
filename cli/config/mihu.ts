// `hookline mihu connect`: registers the lines' outcome webhooks with Mihu. The service calls Mihu, so this needs no Mihu token.
import { parseArgs } from "node:util";
import * as z from "zod";
import { type Command, CommandError, type Io } from "../command.ts";
import { sayUnconfirmed } from "../confirmation.ts";
import { callApi, findService, get, read, refusal, type Service } from "../service.ts";

const lines = z.looseObject({ data: z.array(z.looseObject({ slug: z.string() })) });
const connected = z.looseObject({ did: z.enum(["kept", "changed", "created", "rotated"]) });

const words = {
  kept: "is connected already",
  changed: "is connected: its webhook at Mihu was corrected",
  created: "is connected: a webhook was made at Mihu",
  rotated: "is connected with a new key and a new secret",
} as const;

export const mihuCommand: Command = {
  usage: "connect [--line SLUG] [--rotate]",
  summary: "register the outcome webhooks of the lines at Mihu",
  help: `Registers the outcome webhook of each line's agent with Mihu, and says what it did. Safe to run again:
what is right is left alone. The service asks Mihu with its own token, and PUBLIC_URL says where
Mihu sends the webhooks to.

  --line SLUG   this line only
  --rotate      a new key and secret: the old ones hold until Mihu has taken the new ones`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { line: { type: "string" }, rotate: { type: "boolean" } },
    });
    if (positionals.length !== 1 || positionals[0] !== "connect")
      throw new CommandError("usage: hookline mihu connect [--line SLUG] [--rotate]", 2);
    const service = findService(io);
    const slugs = values.line === undefined ? await everyLine(service) : [values.line];
    if (slugs.length === 0) io.say("there are no lines; `hookline apply` makes them");
    let failed = false;
    for (const slug of slugs) if (!(await connect(service, slug, values.rotate ?? false, io))) failed = true;
    return failed ? 1 : 0;
  },
};

async function everyLine(service: Service): Promise<string[]> {
  const { data } = await get(service, "/v1/lines", lines);
  return data.map(({ slug }) => slug);
}

/** Connects one line. After a failure, which is printed, the other lines are connected. */
async function connect(service: Service, slug: string, rotate: boolean, io: Io): Promise<boolean> {
  const answer = await callApi(service, "POST", `/v1/lines/${encodeURIComponent(slug)}/connect`, { rotate });
  if (answer.ok) {
    io.out(`line ${slug} ${words[read(connected, answer.body).did]}`);
    sayUnconfirmed(io, answer.body);
  } else io.say(`line ${slug} is not connected: ${refusal(answer).message}`);
  return answer.ok;
}
