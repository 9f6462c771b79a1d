// `hookline cancel`, `release` and `resolve`: the same decision about every call of a filter.
import { parseArgs } from "node:util";
import * as z from "zod";
import { type Command, CommandError, type Io } from "../command.ts";
import { filterPair } from "../filters.ts";
import { callApi, findService, read, refusal, type Service } from "../service.ts";
import { postTask } from "../task.ts";
import { counted } from "../words.ts";

const passedOver = z.array(z.looseObject({ reason: z.string(), reason_text: z.string(), count: z.number() }));
const warned = z.array(z.looseObject({ sentence: z.string(), count: z.number() })).default([]);
const planned = z.looseObject({
  matching: z.number(),
  more: z.boolean(),
  statuses: z.array(z.looseObject({ status: z.string(), count: z.number(), ids: z.array(z.string()) })),
  stopped: passedOver,
  warnings: warned,
  rule_versions: z.record(z.string(), z.number()).optional(),
  differences: z
    .array(
      z.looseObject({
        call_id: z.string(),
        rule: z.string(),
        rule_version: z.number(),
        newest_version: z.number().nullable(),
        would: z.string(),
        reason_text: z.string().nullable(),
        differences: z.array(z.looseObject({ field: z.string(), from: z.unknown(), to: z.unknown() })),
      }),
    )
    .optional(),
});
const decided = z.looseObject({
  done: z.number(),
  skipped: passedOver,
  warnings: warned,
  more: z.boolean(),
  next_cursor: z.string().nullable(),
});

type Verb = "cancel" | "release" | "resolve";
type Body = Record<string, unknown>;

const participles: Readonly<Record<Verb, string>> = { cancel: "canceled", release: "released", resolve: "resolved" };

const filterHelp = `Without --yes it prints the plan, and does nothing.

  --filter    which calls: order_number, record_type, record_id, number, conversation, status, outcome, reason,
              mode, source, rule, line, from, to, each as NAME=VALUE (status=held,queued names several); several
              narrow it down
  --id        in place of --filter: one call, by its id; several times for several calls
  --reason    why; it is stored with the calls
  --as-task   the service goes on by itself, in small steps; \`hookline tasks\` shows its progress
  --yes       do it`;

const common = {
  filter: { type: "string", multiple: true },
  id: { type: "string", multiple: true },
  reason: { type: "string" },
  "as-task": { type: "boolean" },
  yes: { type: "boolean" },
} as const;
type Given = {
  filter?: string[] | undefined;
  id?: string[] | undefined;
  reason?: string | undefined;
  "as-task"?: boolean | undefined;
  yes?: boolean | undefined;
};

export const cancelCommand: Command = {
  usage: "--filter NAME=VALUE…|--id ID… --reason TEXT [--as-task] [--yes]",
  summary: "cancel every waiting call that a filter selects",
  help: filterHelp,
  async run(args, io) {
    const { values } = parseArgs({ args, options: common });
    return await decideAll(io, "cancel", bodyOf(values), values);
  },
};

export const releaseCommand: Command = {
  usage: "--filter NAME=VALUE…|--id ID… --reason TEXT [--render shown|newest] [--as-task] [--yes]",
  summary: "release every held call that a filter selects",
  help: `Each is asked the gates as if it were released alone.\n\n${filterHelp}
  --render    shown: each rings as it was shown when it was held (default); newest: as today's version of its
              rule makes it. The difference is printed first, and a rule that is saved meanwhile releases none`,
  async run(args, io) {
    const { values } = parseArgs({ args, options: { ...common, render: { type: "string" } } });
    const { render } = values;
    if (render !== undefined && render !== "shown" && render !== "newest")
      throw new CommandError("say how: --render shown, or --render newest", 2);
    const body = { ...bodyOf(values), ...(render === undefined ? {} : { render }) };
    return await decideAll(io, "release", body, values);
  },
};

export const resolveCommand: Command = {
  usage: "--filter NAME=VALUE…|--id ID… --rang yes|no [--then dial|close] --reason TEXT [--as-task] [--yes]",
  summary: "say whether the calls in review that a filter selects rang",
  help: `${filterHelp}\n  --rang      yes, or no\n  --then      where it did not ring: dial it by a further try, or close it`,
  async run(args, io) {
    // biome-ignore lint/suspicious/noThenProperty: an option of the command line, whose value is a text and can never be called.
    const options = { ...common, rang: { type: "string" }, then: { type: "string" } } as const;
    const { values } = parseArgs({ args, options });
    if (values.rang !== "yes" && values.rang !== "no")
      throw new CommandError("say whether they rang: --rang yes, or --rang no", 2);
    const said = [["rang", values.rang === "yes"], ...(values.then === undefined ? [] : [["then", values.then]])];
    return await decideAll(io, "resolve", { ...bodyOf(values), ...Object.fromEntries(said) }, values);
  },
};

function bodyOf({ filter, id, reason }: Given): Body {
  if ((filter === undefined) === (id === undefined))
    throw new CommandError("name the calls: --filter NAME=VALUE, or --id ID", 2);
  if (reason === undefined) throw new CommandError("give a reason: --reason TEXT", 2);
  return { ...(filter === undefined ? { ids: id } : { filter: Object.fromEntries(filter.map(filterPair)) }), reason };
}

async function decideAll(io: Io, verb: Verb, body: Body, given: Given): Promise<number> {
  const service = findService(io);
  const plan = read(planned, await post(service, verb, { ...body, dry_run: true }));
  for (const { status, count, ids } of plan.statuses)
    io.out(`${String(count).padStart(8)}  ${status.padEnd(9)}  ${ids.join(" ")}${count > ids.length ? " …" : ""}`);
  for (const one of plan.differences ?? []) tellDifference(io, one);
  const matching = plan.more ? `${plan.matching} or more calls` : counted(plan.matching, "call");
  for (const { count, reason_text } of plan.stopped)
    io.say(`passed over would be ${counted(count, "call")}: ${reason_text}`);
  if (given.yes !== true) {
    for (const { count, sentence } of plan.warnings) io.say(`warning, ${counted(count, "call")}: ${sentence}`);
    io.say(`${matching} would be ${participles[verb]}. Nothing was changed; --yes does it.`);
    return 0;
  }
  // Versions of the rules whose differences were printed. A newer version releases nothing.
  const seen = plan.rule_versions === undefined ? {} : { rule_versions: plan.rule_versions };
  if (given["as-task"] === true) return await postTask(io, service, `/v1/calls/${verb}`, { ...body, ...seen });
  let done = 0;
  const skipped = new Map<string, number>();
  const warnings = new Map<string, number>();
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const answer = read(
      decided,
      await post(service, verb, { ...body, ...seen, ...(cursor === undefined ? {} : { cursor }) }),
    );
    done += answer.done;
    for (const { reason_text, count } of answer.skipped)
      skipped.set(reason_text, (skipped.get(reason_text) ?? 0) + count);
    for (const { sentence, count } of answer.warnings) warnings.set(sentence, (warnings.get(sentence) ?? 0) + count);
    cursor = answer.next_cursor;
    if (cursor !== null) io.say(`${done} so far`);
  }
  for (const [sentence, count] of skipped) io.say(`passed over: ${counted(count, "call")}. ${sentence}`);
  for (const [sentence, count] of warnings) io.say(`warning, ${counted(count, "call")}: ${sentence}`);
  io.say(`${participles[verb]}: ${counted(done, "call")}`);
  return 0;
}

function tellDifference(io: Io, one: NonNullable<z.output<typeof planned>["differences"]>[number]): void {
  const { call_id, rule, rule_version, newest_version, would, reason_text, differences } = one;
  const versions = newest_version === null ? `version ${rule_version}` : `version ${rule_version} → ${newest_version}`;
  io.out(`${call_id}  ${rule}, ${versions}: would ${would}${reason_text === null ? "" : `. ${reason_text}`}`);
  for (const { field, from, to } of differences)
    if (field !== "rule_version") io.out(`  ${field}:\n    - ${from ?? "(nothing)"}\n    + ${to ?? "(nothing)"}`);
}

async function post(service: Service, verb: Verb, body: Body): Promise<unknown> {
  const answer = await callApi(service, "POST", `/v1/calls/${verb}`, body);
  if (!answer.ok) throw refusal(answer);
  return answer.body;
}
