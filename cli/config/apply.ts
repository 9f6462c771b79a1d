// `hookline apply`: prints the changes that a file makes, then makes them.
import { parseArgs } from "node:util";
import * as z from "zod";
import { type Command, CommandError, type Io } from "../command.ts";
import { sayConfirmation } from "../confirmation.ts";
import { readText } from "../local/files.ts";
import { type ApiAnswer, callApi, findService, read, refusal, type Service } from "../service.ts";
import { counted } from "../words.ts";
import { type ApiMistake, type Located, readYaml } from "./document.ts";
import { resolveSecrets } from "./secrets.ts";

/** One change of an apply. */
export type ConfigChange = z.output<typeof change>;
const placed = z.object({
  path: z.array(z.union([z.string(), z.number()])),
  line: z.number().optional(),
  column: z.number().optional(),
  reason: z.string(),
});
const change = z.looseObject({
  kind: z.enum(["create", "change", "remove", "keep"]),
  what: z.string(),
  name: z.string(),
  fields: z.array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() })).optional(),
});
const applied = z.looseObject({
  changes: z.array(change),
  // A service of an older version has no hooks.
  left_alone: z.object({
    lines: z.array(z.string()),
    sources: z.array(z.string()),
    hooks: z.array(z.string()).default([]),
  }),
  hook_secrets: z.array(z.looseObject({ target_url: z.string(), secret: z.string() })).default([]),
  // Absent from a service of an older version.
  warnings: z.array(placed).default([]),
  waiting_calls: z
    .array(
      z.looseObject({
        ...{ source: z.string(), rule: z.string().nullable(), canceled: z.number(), kept: z.number() },
        // A service of an older version cancels all of them before it answers.
        remaining: z.number().default(0),
      }),
    )
    .default([]),
  stopped: z
    .looseObject({
      confirmed: z.boolean(),
      given_back: z.number(),
      in_flight: z.number(),
      until: z.string().optional(),
    })
    .optional(),
  left_secrets: z.array(z.looseObject({ sentence: z.string() })).default([]),
});
const refused = z.looseObject({
  errors: z.array(placed),
});

const shownCharactersMax = 60;

export const applyCommand: Command = {
  usage: "FILE [--dry-run] [--keep-waiting]",
  summary: "change the service to what hookline.yaml says",
  help: `Prints the changes, then makes them, all or nothing. Lines, sources and hooks that the file does not
name stay as they are. A source that the file names loses the rules that the file does not have.
Hooks are made and changed for the name of the token that applies the file. The secret of a new hook is
printed once.
Secrets: { env: NAME } takes the value from the environment; where NAME is not set, the secret
that is stored under that name, or of that header, is kept. A secret of a rotation stays, also while the file does not name it.
Waiting calls of a rule that no longer rings (off, removed, or not live any more) are canceled.

  --dry-run        print the changes, and make none
  --keep-waiting   such calls still ring`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { "dry-run": { type: "boolean" }, "keep-waiting": { type: "boolean" } },
    });
    const [file, ...rest] = positionals;
    if (file === undefined || rest.length > 0)
      throw new CommandError("name the file; usage: hookline apply FILE [--dry-run] [--keep-waiting]", 2);
    const waiting = values["keep-waiting"] ? "keep" : "cancel";
    const planned = await planFile(io, file, waiting);
    if (!planned.ok) return planned.code;
    const { service, document, locate } = planned;
    const { changes, left_alone, warnings } = planned.applied;
    for (const { line, column, reason } of inOrder(warnings.map(locate)))
      io.say(`${file}:${line}:${column} warning: ${reason}`);
    const wanted = changes.filter(({ kind }) => kind !== "keep");
    for (const one of wanted) io.out(changeText(one));
    const kept = changes.length - wanted.length;
    io.out(
      wanted.length === 0
        ? `nothing to change (${kept} as they are)`
        : `${wanted.length} to change, ${kept} as they are`,
    );
    const others = [
      ...left_alone.lines.map((name) => `line ${name}`),
      ...left_alone.sources.map((name) => `source ${name}`),
      ...left_alone.hooks.map((url) => `hook ${url}`),
    ];
    if (others.length > 0) io.out(`not in the file, and left alone: ${others.join(", ")}`);
    for (const { sentence } of planned.applied.left_secrets) io.out(sentence);
    for (const one of planned.applied.waiting_calls) io.out(waitingText(one, "would cancel"));
    // An earlier change may have kept calls that the file ends now, even if nothing else changes.
    const ends = planned.applied.waiting_calls.some(({ canceled, remaining }) => canceled + remaining > 0);
    if (values["dry-run"] || (wanted.length === 0 && !ends)) return 0;

    const done = await callApi(service, "PUT", `/v1/config${waiting === "keep" ? "?waiting=keep" : ""}`, document);
    if (!done.ok) return reportRefusal(io, file, done, locate);
    const { waiting_calls: concerned, stopped, hook_secrets: secrets } = read(applied, done.body);
    for (const one of concerned) io.out(waitingText(one, "canceled"));
    if (stopped !== undefined) io.out(stoppedText(stopped));
    sayConfirmation(io, done.body);
    for (const { target_url, secret } of secrets)
      io.out(`secret of the hook ${target_url}, not shown again: ${secret}`);
    io.out("applied");
    return 0;
  },
};

/** Five groups of hexadecimal digits. Mihu's own example of an agent's id has a digit too many for a UUID. */
const agentPattern = /^[\da-f]+(-[\da-f]+){4}$/i;

/** Finds agents that are a name or a placeholder. A line with such an agent would pause at its first call. */
function agentMistakes(document: unknown): ApiMistake[] {
  const parsed = z.object({ lines: z.record(z.string(), z.unknown()) }).safeParse(document);
  if (!parsed.success) return [];
  return Object.entries(parsed.data.lines).flatMap(([slug, line]) => {
    const agent = z.object({ agent: z.string() }).safeParse(line);
    if (!agent.success || agentPattern.test(agent.data.agent)) return [];
    const reason =
      "must be the agent's id in Mihu, such as 32d8fc98-be1e-4d32-a12e-146f397fb1cb2: the agent's page there shows it";
    return [{ path: ["lines", slug, "agent"], reason }];
  });
}

/** The changes that a file would make, or the exit code after its mistakes were printed. */
export async function planFile(
  io: Io,
  file: string,
  waiting: "cancel" | "keep" = "cancel",
): Promise<
  | {
      readonly ok: true;
      readonly service: Service;
      readonly document: unknown;
      readonly locate: (mistake: ApiMistake) => Located;
      readonly applied: z.output<typeof applied>;
    }
  | { readonly ok: false; readonly code: number }
> {
  const service = findService(io);
  const yaml = readYaml(readText(file));
  if (!yaml.ok) return { ok: false, code: reportMistakes(io, file, yaml.mistakes) };
  const { document, unset, unsetHeaders } = resolveSecrets(yaml.value, io.env);
  for (const name of new Set(unset)) io.say(`${name} is not set: the secret that is stored under this name is kept`);
  for (const name of new Set(unsetHeaders))
    io.say(`${name} is not set: the header keeps its stored value, if it has one`);
  const answer = await callApi(
    service,
    "PUT",
    `/v1/config?dry_run=true${waiting === "keep" ? "&waiting=keep" : ""}`,
    document,
  );
  const agents = agentMistakes(document).map(yaml.locate);
  if (!answer.ok) return { ok: false, code: reportRefusal(io, file, answer, yaml.locate, agents) };
  if (agents.length > 0) return { ok: false, code: reportMistakes(io, file, agents) };
  return { ok: true, service, document, locate: yaml.locate, applied: read(applied, answer.body) };
}

/** Prints each mistake of a response with its line and column in the file. */
export function reportRefusal(
  io: Io,
  file: string,
  answer: ApiAnswer,
  locate: (mistake: ApiMistake) => Located,
  others: readonly Located[] = [],
): number {
  const said = refused.safeParse(answer.body);
  if (!said.success) throw refusal(answer);
  return reportMistakes(io, file, [...said.data.errors.map(locate), ...others]);
}

function inOrder(mistakes: readonly Located[]): Located[] {
  return [...mistakes].sort((one, other) => one.line - other.line || one.column - other.column);
}

/** Prints mistakes in the order of the file. @returns the exit code */
export function reportMistakes(io: Io, file: string, mistakes: readonly Located[]): number {
  for (const { line, column, reason } of inOrder(mistakes)) io.say(`${file}:${line}:${column} ${reason}`);
  io.say(`${counted(mistakes.length, "mistake")}: nothing was changed`);
  return 1;
}

type Applied = z.output<typeof applied>;

/** Text about waiting calls of a rule that is off now. */
function waitingText(
  { source, rule, canceled, kept, remaining }: Applied["waiting_calls"][number],
  verb: string,
): string {
  const of = rule === null ? `the source ${source}` : `the rule ${source}/${rule}`;
  if (kept > 0) return `kept: ${counted(kept, "waiting call")} of ${of} will still ring`;
  const rest =
    remaining === 0
      ? ""
      : `; ${remaining} more ${remaining === 1 ? "is" : "are"} still to be canceled by the sweep, and none of them rings`;
  return `${verb} ${counted(canceled, "waiting call")} of ${of}${rest}`;
}

/** Text about calls that lines had claimed before the change. */
function stoppedText({ confirmed, given_back, in_flight, until }: NonNullable<Applied["stopped"]>): string {
  const counts = `${given_back} given back by their line, ${in_flight} on their way to Mihu`;
  return confirmed ? counts : `${counts}; not confirmed: a call may still begin until ${until}`;
}

/** The sign in front of a printed change. */
export const changeSigns = { create: "+", change: "~", remove: "-", keep: "=" } as const;

function changeText({ kind, what, name, fields }: z.output<typeof change>): string {
  const head = `${changeSigns[kind]} ${what} ${name}`;
  if (kind !== "change" || fields === undefined) return head;
  return [head, ...fields.map(({ field, from, to }) => `    ${field}: ${short(from)} → ${short(to)}`)].join("\n");
}

function short(value: unknown): string {
  const text = value === null || value === undefined ? "(none)" : JSON.stringify(value);
  return text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text;
}
