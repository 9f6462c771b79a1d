// `hookline calls`: lists calls, and shows one with its timeline.
import { parseArgs } from "node:util";
import * as z from "zod";
import type { Command, Io } from "../command.ts";
import { filterPair } from "../filters.ts";
import { onlyArgument, runSubverb, type Subverb } from "../hooks/subverbs.ts";
import { eachRow, limitOf } from "../pages.ts";
import { findService, get } from "../service.ts";
import { counted, printable } from "../words.ts";

const usages = { list: "calls [list] [--filter NAME=VALUE…] [--limit N]", show: "calls show ID" } as const;

const perhaps = z.string().nullable();
const call = z.looseObject({
  id: z.string(),
  try: z.number(),
  again_of: perhaps,
  status: z.string(),
  outcome: perhaps,
  reason: perhaps,
  reason_text: perhaps,
  source: z.string(),
  rule: z.string(),
  rule_version: z.number(),
  mode: z.string(),
  event_id: z.string(),
  line: perhaps,
  order_number: perhaps,
  record: z.looseObject({ type: z.string(), id: z.string() }).nullable(),
  number: perhaps,
  about: perhaps,
  conversation_uuid: perhaps,
  created_at: z.string(),
  due_at: perhaps,
  expires_at: perhaps,
  placed_at: perhaps,
  ended_at: perhaps,
  duration_s: z.number().nullable(),
  summary: perhaps,
  waits: z.looseObject({ reason_text: z.string(), until: perhaps }).nullable(),
  warnings: z.array(z.looseObject({ sentence: z.string() })),
});
const step = z.union([
  z.looseObject({
    kind: z.literal("entry"),
    at: z.string(),
    action: z.string(),
    actor: z.string(),
    reason: perhaps,
    reason_text: perhaps,
  }),
  z.looseObject({ kind: z.literal("verdict"), at: z.string(), gate: z.string(), verdict: z.string() }),
]);
const story = z.looseObject({ ...call.shape, timeline: z.array(step) });

const listCalls: Subverb = {
  usage: usages.list,
  async run(args, io) {
    const options = { filter: { type: "string", multiple: true }, limit: { type: "string" } } as const;
    const { values } = parseArgs({ args, options });
    const limit = limitOf(values.limit);
    const filter = new URLSearchParams((values.filter ?? []).map(filterPair));
    const { rows, more } = await eachRow(findService(io), "/v1/calls", filter, limit, call);
    for (const one of rows) {
      const about = [`${one.source}/${one.rule}`, one.order_number, one.number, one.reason].filter(
        (text) => text !== null,
      );
      const ended = one.outcome === null ? one.status : `${one.status}, ${one.outcome}`;
      io.out(`${one.created_at}  ${one.id}  ${ended.padEnd(20)}  ${about.join("  ")}`);
    }
    if (rows.length === 0) io.say("no call matches");
    else io.say(more ? `there are more; --limit ${limit * 2} prints more` : counted(rows.length, "call"));
    return 0;
  },
};

const showCall: Subverb = {
  usage: usages.show,
  async run(args, io) {
    const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
    const id = onlyArgument(positionals, "the call's id", usages.show);
    const told = await get(findService(io), `/v1/calls/${encodeURIComponent(id)}`, story);
    printFacts(io, told);
    for (const { sentence } of told.warnings) io.out(`warning: ${sentence}`);
    io.out("");
    for (const one of told.timeline) io.out(stepText(one));
    return 0;
  },
};

const subverbs: ReadonlyMap<string, Subverb> = new Map([
  ["list", listCalls],
  ["show", showCall],
]);

export const callsCommand: Command = {
  usage: "[list] [--filter NAME=VALUE…] [--limit N] | show ID",
  summary: "list calls; show one with its reason and its timeline",
  help: `Needs a token with the scope calls:read. Numbers and texts are masked for a token without pii:read.

  --filter  which calls: order_number, record_type, record_id, number, conversation, status, outcome, reason,
            mode, source, rule, line, from, to, each as NAME=VALUE (status=held,review names several); several narrow
            it down. A number needs pii:read
  --limit   how many are listed, the newest first (50)

show prints what the call is about, its reason, and every entry and verdict about it.`,
  run: (args, io) => runSubverb(subverbs, listCalls, args, io),
};

function printFacts(io: Io, told: z.output<typeof story>): void {
  const { record, waits, duration_s: seconds } = told;
  const facts: [string, string | null][] = [
    ["id", told.id],
    ["status", told.outcome === null ? told.status : `${told.status}, ${told.outcome}`],
    ["reason", told.reason_text],
    ["waits", waits === null ? null : `${waits.reason_text}${waits.until === null ? "" : `, until ${waits.until}`}`],
    ["rule", `${told.source}/${told.rule}, version ${told.rule_version}, ${told.mode}`],
    ["event", told.event_id],
    ["try", told.again_of === null ? `${told.try}` : `${told.try}, after ${told.again_of}`],
    ["line", told.line],
    ["order", told.order_number],
    ["record", record === null ? null : `${record.type} ${record.id}`],
    ["number", told.number],
    ["about", told.about],
    ["conversation", told.conversation_uuid],
    ["created", told.created_at],
    ["due", told.due_at],
    ["expires", told.expires_at],
    ["placed", told.placed_at],
    ["ended", told.ended_at === null ? null : `${told.ended_at}${seconds === null ? "" : `, after ${seconds} s`}`],
    ["summary", told.summary],
  ];
  for (const [name, value] of facts)
    if (value !== null)
      io.out(`${name.padEnd(14)}${printable(value.trimEnd()).replaceAll("\n", `\n${" ".repeat(14)}`)}`);
}

function stepText(one: z.output<typeof step>): string {
  if (one.kind === "verdict") return `${one.at}  gate ${one.gate}: ${one.verdict}`;
  const why = one.reason_text ?? one.reason;
  return `${one.at}  ${one.action.replaceAll("_", " ")}, by ${one.actor}${why === null ? "" : `: ${why}`}`;
}
