// `hookline pause` and `hookline resume`: stop lines from dialling, or a source's events from being planned.
import { parseArgs } from "node:util";
import * as z from "zod";
import { type Command, CommandError, type Io } from "../command.ts";
import { sayConfirmation, sayUnconfirmed } from "../confirmation.ts";
import { callApi, findService, read, refusal } from "../service.ts";

const stopped = z.union([
  z.looseObject({ confirmed: z.literal(true), given_back: z.number(), in_flight: z.number() }),
  z.looseObject({ confirmed: z.literal(false), detail: z.string() }),
]);
const pausedLine = z.looseObject({ stopped });
const pausedLines = z.looseObject({ data: z.array(z.looseObject({ line: z.string(), reason: z.string(), stopped })) });
const anything = z.looseObject({});
const resumedLines = z.looseObject({ data: z.array(z.looseObject({ line: z.string() })) });

export const pauseCommand: Command = {
  usage: "--line SLUG | --all | --source SLUG  --reason TEXT",
  summary: "stop a line, or all, before the next dial; or a source before its next plan",
  help: `Needs a token with the scope admin. Says what was stopped; calls on their way to Mihu cannot be canceled any more.

  --line    the line
  --all     all lines; a line that is made later is not paused
  --source  the source: its webhooks are stored, and planned when it resumes
  --reason  why, as pages, /readyz and the entries show it

Exit code 1: a line's object did not confirm it, and may still dial what it had claimed just before.`,
  async run(args, io) {
    const { line, source, reason } = readArgs("pause", pauseCommand.usage, args);
    if (reason === undefined) throw new CommandError("give a reason, which the audit chain stores: --reason TEXT", 2);
    if (source !== null) return await decideSource(io, source, "pause", reason);
    const answer = await callApi(findService(io), "POST", pathOf(line, "pause"), { reason });
    if (!answer.ok) throw refusal(answer);
    const told =
      line === null ? read(pausedLines, answer.body).data : [{ line, ...read(pausedLine, answer.body), reason: "" }];
    const confirmed = told.map((one) => tell(io, one.line, one.stopped));
    if (told.length === 0) io.say("there is no line");
    return confirmed.every(Boolean) ? 0 : 1;
  },
};

export const resumeCommand: Command = {
  usage: "--line SLUG | --all | --source SLUG  [--reason TEXT]",
  summary: "resume a line, all lines, or a source",
  help: `Needs a token with the scope admin.

  -- line    the line, even if Mihu's answers paused it all     every line that \`pause --all\` stopped; a line that was
  -- paused for another reason stays paused source  the source: stored events are planned in their order; calls that are
  -- too old by their rule's expires do not ring reason  why, as the entries show it; may be left out`,
  async run(args, io) {
    const { line, source, reason } = readArgs("resume", resumeCommand.usage, args);
    if (source !== null) return await decideSource(io, source, "resume", reason);
    const answer = await callApi(findService(io), "POST", pathOf(line, "resume"), { reason });
    if (!answer.ok) throw refusal(answer);
    const lines = line === null ? read(resumedLines, answer.body).data : [{ ...read(anything, answer.body), line }];
    for (const one of lines) {
      io.out(`${one.line}: resumed`);
      sayUnconfirmed(io, one);
    }
    if (lines.length === 0) io.say("no line was stopped by `pause --all`");
    return 0;
  },
};

async function decideSource(io: Io, source: string, verb: "pause" | "resume", reason?: string): Promise<number> {
  const answer = await callApi(findService(io), "POST", `/v1/sources/${encodeURIComponent(source)}/${verb}`, {
    reason,
  });
  if (!answer.ok) throw refusal(answer);
  io.out(verb === "pause" ? `${source}: paused; its webhooks are stored` : `${source}: resumed`);
  sayConfirmation(io, answer.body);
  return 0;
}

function tell(io: Io, line: string, what: z.output<typeof stopped>): boolean {
  if (what.confirmed) io.out(`${line}: stopped; ${what.given_back} given back, ${what.in_flight} on their way to Mihu`);
  else io.out(`${line}: paused, but not confirmed. ${what.detail}`);
  return what.confirmed;
}

function pathOf(line: string | null, verb: string): string {
  return line === null ? `/v1/lines/${verb}` : `/v1/lines/${encodeURIComponent(line)}/${verb}`;
}

type Which = { line: string | null; source: string | null; reason: string | undefined };

function readArgs(verb: string, usage: string, args: string[]): Which {
  const { values } = parseArgs({
    args,
    options: {
      line: { type: "string" },
      all: { type: "boolean" },
      source: { type: "string" },
      reason: { type: "string" },
    },
  });
  const { line, all = false, source, reason } = values;
  const named = [line !== undefined, all, source !== undefined].filter(Boolean).length;
  if (named !== 1) throw new CommandError(`name one of them; usage: hookline ${verb} ${usage}`, 2);
  if (reason?.trim() === "") throw new CommandError("give a reason, which the audit chain stores: --reason TEXT", 2);
  return { line: line ?? null, source: source ?? null, reason };
}
