// `hookline rehearse`: runs rules over stored events. Nobody is called.
import { parseArgs } from "node:util";
import * as z from "zod";
import { type Command, CommandError, type Io } from "../command.ts";
import { callApi, findService, read, refusal } from "../service.ts";
import { counted } from "../words.ts";
import { lineDiff } from "./diff.ts";
import { readRules } from "./rules-file.ts";

const call = z.looseObject({
  event_id: z.string(),
  received_at: z.string(),
  order_number: z.string().nullable(),
  rule: z.string(),
  line: z.string().nullable(),
  number: z.string().nullable(),
  about: z.string().nullable(),
  prompt: z.string().nullable(),
  greeting: z.string().nullable(),
  due_at: z.string().nullable(),
  status: z.string(),
  reason: z.string().nullable(),
  path: z.string().nullable().optional(),
  waits: z.boolean(),
});
type Call = z.output<typeof call>;
const reasons = z.array(z.looseObject({ reason: z.string(), reason_text: z.string(), count: z.number() }));
const answered = z.looseObject({
  sentence: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  events: z.number(),
  already_called: z.number(),
  too_old: z.number(),
  expiry: z.string(),
  by_reason: reasons,
  by_rule: z.array(z.looseObject({ rule: z.string(), calls: z.number(), held: z.number(), stopped: reasons })),
  placeholders: z.array(
    z.looseObject({ rule: z.string(), field: z.string().nullable(), path: z.string().nullable(), calls: z.number() }),
  ),
  would_call: z.array(call).optional(),
  changed_calls: z
    .array(
      call.extend({
        change: z.enum(["gained", "lost", "changed"]),
        fields: z.array(z.string()),
        before: call.nullable(),
      }),
    )
    .optional(),
  next_cursor: z.string().nullable(),
});
type Answered = z.output<typeof answered>;
type ChangedCall = NonNullable<Answered["changed_calls"]>[number];

export const rehearseCommand: Command = {
  usage: "SOURCE [--last N | --days D] [--rules FILE] [--as-of event|now] [--texts] [--json]",
  summary: "show the calls that rules would have made of the newest events; nobody is called",
  help: `Needs a token with the scope admin; with pii:read as well it shows numbers and texts. Nothing is written.
Rules in shadow or test are rehearsed as if they were live; those that are off stay off.

  --last      so many of the newest events (1000)
  --days      all events of the last days, up to 30
  --rules     the source's rules in this hookline.yaml: only what would change against the stored ones
  --as-of     event: each as of when it came (default); now: each as if it came now
  --texts     every call with what it would say
  --json      the answers of the API, one a line

Large rehearsals take several requests; a customer who is called twice is counted within each of them.`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        last: { type: "string" },
        days: { type: "string" },
        rules: { type: "string" },
        "as-of": { type: "string" },
        texts: { type: "boolean" },
        json: { type: "boolean" },
      },
    });
    const [source, ...rest] = positionals;
    if (source === undefined || rest.length > 0)
      throw new CommandError("name the source; usage: hookline rehearse SOURCE …", 2);
    const rules = values.rules === undefined ? null : readRules(io, values.rules, source);
    if (typeof rules === "number") return rules;
    const same = {
      ...(rules === null ? {} : { rules: rules.rules }),
      ...(values["as-of"] === undefined ? {} : { as_of: values["as-of"] }),
    };
    const service = findService(io);
    let window: Record<string, unknown> = {
      ...(values.last === undefined ? {} : { last: numberOf("--last", values.last) }),
      ...(values.days === undefined ? {} : { days: numberOf("--days", values.days) }),
    };
    for (;;) {
      const path = `/v1/sources/${encodeURIComponent(source)}/rehearse`;
      const answer = await callApi(service, "POST", path, { ...same, ...window });
      if (!answer.ok && rules !== null && answer.status === 422) return rules.refuse(answer);
      if (!answer.ok) throw refusal(answer);
      const part = read(answered, answer.body);
      if (values.json) io.out(JSON.stringify(answer.body));
      else tellPart(io, part, values.texts === true);
      if (part.next_cursor === null) return 0;
      window = { cursor: part.next_cursor };
    }
  },
};

function tellPart(io: Io, part: Answered, texts: boolean): void {
  const span = part.from === null || part.to === null ? "" : `, ${part.from} to ${part.to}`;
  io.out(`${part.sentence} (${counted(part.events, "event")}${span})`);
  for (const { rule, calls, held, stopped } of part.by_rule) {
    const others = [...(held > 0 ? [`${held} held`] : []), ...stopped.map(({ reason, count }) => `${count} ${reason}`)];
    io.out(`  ${rule}: ${[`${calls} would ring`, ...others].join(", ")}`);
  }
  const ofRules = new Set(part.by_rule.flatMap(({ stopped }) => stopped.map(({ reason }) => reason)));
  for (const { reason, reason_text, count } of part.by_reason)
    if (!ofRules.has(reason)) io.out(`  ${count} ${count === 1 ? "event" : "events"} without a call: ${reason_text}`);
  for (const { rule, field, path, calls } of part.placeholders)
    io.out(
      `  ${rule}: ${calls} ${calls === 1 ? "call" : "calls"} would be held: ${field ?? "a text"} reads ${path ?? "a field"}, which is missing or empty`,
    );
  if (part.already_called > 0)
    io.out(
      `  ${part.already_called} ${part.already_called === 1 ? "event already has a call by its rule" : "events already have a call by their rule"}`,
    );
  if (part.too_old > 0) io.out(`  ${part.expiry}`);
  for (const change of part.changed_calls ?? []) io.out(changeText(change));
  if (texts) for (const one of part.would_call ?? []) io.out(callText(one));
}

function callText(one: Call): string {
  const how =
    one.status === "queued" ? (one.waits ? `waits until ${one.due_at}` : "rings") : `${one.status} (${one.reason})`;
  const head = `\n${one.received_at} ${one.order_number ?? one.event_id} ${one.rule}: ${one.number ?? "no number"} ${how}`;
  return [head, ...said("about", one.about), ...said("prompt", one.prompt), ...said("greeting", one.greeting)].join(
    "\n",
  );
}

function changeText(change: ChangedCall): string {
  const { before, fields } = change;
  if (change.change !== "changed" || before === null)
    return callText(change).replace("\n", `\n${change.change === "lost" ? "-" : "+"} `);
  const head = `\n~ ${change.received_at} ${change.order_number ?? change.event_id} ${change.rule}`;
  const lines = fields.flatMap((field) => {
    const [old, now] = [linesOf(before, field), linesOf(change, field)];
    return [`  ${field}:`, ...lineDiff(old, now).map((line) => `    ${line}`)];
  });
  return [head, ...lines].join("\n");
}

function linesOf(one: Call, field: string): string[] {
  const value: unknown = Reflect.get(one, field);
  return value === null || value === undefined ? [] : String(value).split("\n");
}

function said(field: string, text: string | null): string[] {
  if (text === null) return [];
  const [first = "", ...rest] = text.split("\n");
  return [`  ${field}: ${first}`, ...rest.map((line) => `  ${" ".repeat(field.length + 2)}${line}`)];
}

function numberOf(option: string, text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new CommandError(`${option} takes a number, and not "${text}"`, 2);
  return Number(text);
}
