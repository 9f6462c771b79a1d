// `hookline review`: calls that wait for a person, and their owners.
import { parseArgs } from "node:util";
import * as z from "zod";
import { type Command, CommandError, type Io } from "../command.ts";
import { callApi, findService, get, read, refusal, type Service } from "../service.ts";
import { counted, printable } from "../words.ts";

const queue = z.looseObject({
  data: z.array(
    z.looseObject({
      call: z.looseObject({
        id: z.string(),
        status: z.string(),
        reason: z.string().nullable(),
        order_number: z.string().nullable(),
      }),
      waiting_since: z.string(),
      overdue: z.boolean(),
      owner: z.string().nullable(),
    }),
  ),
  next_cursor: z.string().nullable(),
});
const assigned = z.looseObject({ owner: z.string().nullable() });

export const reviewCommand: Command = {
  usage: "[--status STATUS] [--reason CODE] [--owner me|none] | take CALL [--over] | give-back CALL",
  summary: "list the calls that wait for a person, take one on, or give it back",
  help: `The list needs a token with the scope calls:read, the others need calls:write. The oldest call comes first.
hookline release, cancel and resolve decide about the calls.

  --status  held, review, or unknown: Hookline still looks the call up at Mihu
  --reason  a reason of calls, such as placeholder or burst
  --owner   me: calls that this token has taken on; none: calls that nobody has
  --over    take the call over from its present owner`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        status: { type: "string" },
        reason: { type: "string" },
        owner: { type: "string" },
        over: { type: "boolean" },
      },
    });
    const [verb, call, ...more] = positionals;
    const { over = false, ...filter } = values;
    if (verb === undefined) {
      if (over) throw new CommandError("--over belongs to `take`", 2);
      return await list(io, filter);
    }
    if ((verb !== "take" && verb !== "give-back") || call === undefined || more.length > 0)
      throw new CommandError("say which call: review take CALL, or review give-back CALL", 2);
    return await assign(io, call, verb === "take" ? { owner: "me", take_from_other: over } : { owner: null });
  },
};

async function list(io: Io, filter: Readonly<Record<string, string>>): Promise<number> {
  const service = findService(io);
  let count = 0;
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: z.output<typeof queue> = await pageOf(service, filter, cursor);
    for (const item of page.data) io.out(lineOf(item));
    count += page.data.length;
    cursor = page.next_cursor;
  }
  io.say(
    count === 0
      ? "no call waits for a person"
      : `${counted(count, "call")}; hookline release, cancel and resolve decide`,
  );
  return 0;
}

async function pageOf(service: Service, filter: Readonly<Record<string, string>>, cursor: string | undefined) {
  const query = new URLSearchParams({ ...filter, limit: "200", ...(cursor === undefined ? {} : { cursor }) });
  return await get(service, `/v1/review?${query}`, queue);
}

function lineOf({ call, waiting_since, overdue, owner }: z.output<typeof queue>["data"][number]): string {
  return [
    call.id,
    `${call.status}${call.reason === null ? "" : ` (${call.reason})`}`.padEnd(20),
    printable(call.order_number ?? "no order number").padEnd(16),
    `since ${waiting_since}${overdue ? ", overdue" : ""}`,
    owner === null ? "nobody" : printable(owner),
  ].join("  ");
}

async function assign(io: Io, call: string, body: object): Promise<number> {
  const answer = await callApi(findService(io), "POST", `/v1/calls/${encodeURIComponent(call)}/assign`, body);
  if (!answer.ok) throw refusal(answer);
  const { owner } = read(assigned, answer.body);
  io.say(owner === null ? "nobody has this call now" : `${printable(owner)} has this call now`);
  return 0;
}
