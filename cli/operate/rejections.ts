// `hookline verify` and `hookline rejections`: explains refused webhooks, and accepts those that verify now.
import { parseArgs } from "node:util";
import * as z from "zod";
import { type Command, CommandError, type Io } from "../command.ts";
import { readBytes } from "../local/files.ts";
import { callApi, findService, get, read, refusal } from "../service.ts";
import { counted } from "../words.ts";
import { readRequestFile } from "./http-file.ts";

const explained = z.looseObject({
  ok: z.boolean(),
  reason: z.string().nullable(),
  detail: z.string().nullable(),
  advice: z.string().nullable(),
  scheme: z.string(),
  events_count: z.number(),
  events: z.array(z.looseObject({ external_id: z.string().nullable(), type: z.string() })),
});
const listed = z.looseObject({
  data: z.array(
    z.looseObject({
      id: z.string(),
      at: z.string(),
      code: z.string(),
      kept: z.boolean(),
      verifies_now: z.boolean(),
      advice: z.string().nullable(),
      accepted_at: z.string().nullable(),
    }),
  ),
});
const accepted = z.looseObject({
  accepted: z.number(),
  data: z.array(
    z.looseObject({
      id: z.string(),
      result: z.string(),
      detail: z.string().optional(),
      advice: z.string().nullable().optional(),
      events: z.array(z.looseObject({ id: z.string() })).optional(),
    }),
  ),
});

export const verifyCommand: Command = {
  usage: "SOURCE --file FILE [--at TIME]",
  summary: "say whether a saved webhook would be accepted, and if not, what to change",
  help: `Needs a token with the scope admin. The request is not stored, and nobody is called.

  --file  the request as text (POST /in/SOURCE …, headers, an empty line, the body), or as
          JSON: {"url", "headers", "body" or "body_base64"}
  --at    the time of its arrival, to which the signature's time is compared: ISO 8601, or milliseconds since 1970

Exit code 1: the request would be refused.`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { file: { type: "string" }, at: { type: "string" } },
    });
    const source = sourceOf(positionals, "verify", verifyCommand);
    if (values.file === undefined) throw new CommandError("name the request: --file FILE", 2);
    const request = readRequestFile(readBytes(values.file));
    const at = values.at === undefined ? {} : { at: /^\d+$/.test(values.at) ? Number(values.at) : values.at };
    const answer = await callApi(findService(io), "POST", `/v1/sources/${encodeURIComponent(source)}/verify`, {
      ...request,
      ...at,
    });
    if (!answer.ok) throw refusal(answer);
    const told = read(explained, answer.body);
    io.out(
      told.ok
        ? `it is valid as ${told.scheme}, with ${counted(told.events_count, "event")}`
        : `refused: ${told.reason}. ${told.detail}`,
    );
    for (const { type, external_id } of told.events) io.out(`  ${type}  ${external_id ?? "(no id)"}`);
    if (told.advice !== null) io.out(told.advice);
    return told.ok ? 0 : 1;
  },
};

export const rejectionsCommand: Command = {
  usage: "SOURCE [--accept [--reason TEXT]]",
  summary: "list a source's refused requests with the reasons; accept those that verify now",
  help: `  --accept  accept all that verify now, as of the time at which they came. Needs a token with the scope admin
  --reason  why, as the entries show it`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { accept: { type: "boolean" }, reason: { type: "string" } },
    });
    const path = `/v1/sources/${encodeURIComponent(sourceOf(positionals, "rejections", rejectionsCommand))}/rejections`;
    if (values.accept === true) return await accept(io, path, values.reason);
    if (values.reason !== undefined) throw new CommandError("--reason goes with --accept", 2);
    const { data } = await get(findService(io), path, listed);
    for (const { id, at, code, kept, verifies_now, advice, accepted_at } of data) {
      const state =
        accepted_at !== null ? "accepted" : verifies_now ? (kept ? "verifies now" : "right now, not kept") : "refused";
      io.out(`${at}  ${id}  ${code.padEnd(27)}  ${state}`);
      if (advice !== null && accepted_at === null) io.out(`  ${advice}`);
    }
    const open = data.filter((one) => one.verifies_now && one.kept).length;
    io.say(
      data.length === 0
        ? "nothing was refused"
        : open === 0
          ? "none of them verifies now"
          : `${open} verify now; --accept accepts them`,
    );
    return 0;
  },
};

async function accept(io: Io, path: string, reason: string | undefined): Promise<number> {
  const answer = await callApi(findService(io), "POST", `${path}/accept`, {
    all: true,
    ...(reason === undefined ? {} : { reason }),
  });
  if (!answer.ok) throw refusal(answer);
  const told = read(accepted, answer.body);
  for (const { id, result, detail, advice, events = [] } of told.data) {
    io.out(`${id}  ${result.replaceAll("_", " ").padEnd(15)}  ${events.map((event) => event.id).join(" ")}`.trimEnd());
    const more = advice ?? detail;
    if (more !== undefined && more !== null) io.out(`  ${more}`);
  }
  io.say(`${told.accepted} accepted`);
  return 0;
}

function sourceOf(positionals: readonly string[], verb: string, command: Command): string {
  const [source, ...rest] = positionals;
  if (source === undefined || rest.length > 0)
    throw new CommandError(`name the source; usage: hookline ${verb} ${command.usage}`, 2);
  return source;
}
