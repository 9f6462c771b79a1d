// `hookline preview`: prints the calls that rules would make of a webhook. Nobody is called.
import { parseArgs } from "node:util";
import * as z from "zod";
import { type Command, CommandError } from "../command.ts";
import { readText } from "../local/files.ts";
import { callApi, findService, read, refusal } from "../service.ts";
import { counted } from "../words.ts";
import { readRules } from "./rules-file.ts";

const decided = z.looseObject({ result: z.string(), part: z.string().nullable(), detail: z.string().nullable() });
const ruleSeen = z.looseObject({
  rule: z.string(),
  mode: z.string().nullable(),
  as_live: z.boolean(),
  call: z
    .looseObject({
      status: z.string(),
      line: z.string().nullable(),
      number: z.string().nullable(),
      country: z.string().nullable(),
      due_at: z.string().nullable(),
    })
    .optional(),
  reason: z.string().optional(),
  reason_text: z.string().optional(),
  won_by: z.string().optional(),
  when: decided.nullable(),
  numbers: z.array(
    z.looseObject({ value: z.string().nullable(), number: z.string().nullable(), detail: z.string().nullable() }),
  ),
  zones: z.looseObject({ possible: z.array(z.string()), used: z.array(z.string()), from: z.string().nullable() }),
  texts: z.record(z.string(), z.looseObject({ text: z.string().nullable(), path: z.string().nullable().optional() })),
  broken: z
    .looseObject({ field: z.string(), path: z.string().nullable(), problem: z.string(), detail: z.string().nullable() })
    .nullable(),
  read: z.array(z.looseObject({ path: z.string(), by: z.array(z.string()), values: z.array(z.unknown()) })),
  warnings: z.array(z.looseObject({ sentence: z.string() })),
});
type RuleSeen = z.output<typeof ruleSeen>;
const answered = z.looseObject({
  as_of: z.string(),
  left_out: z.number(),
  events: z.array(
    z.looseObject({
      event: z.looseObject({
        type: z.string(),
        order_number: z.string().nullable(),
        record: z.looseObject({ type: z.string(), id: z.string() }).nullable(),
        unreadable: z.string().nullable(),
        // Absent from a service of an older version.
        notes: z.array(z.looseObject({ sentence: z.string() })).default([]),
      }),
      rules: z.array(ruleSeen),
    }),
  ),
});

/** The type of an event whose request names none. */
const untyped = "event";

/** Highest number of time zones to print: a country may have many. */
const zonesShownMax = 3;

export const previewCommand: Command = {
  usage:
    "SOURCE (--file PAYLOAD [--header NAME=VALUE…] [--type TYPE] | --event ID) [--record FILE] [--rule NAME] [--rules FILE] [--json]",
  summary: "show the calls that rules would make of a webhook, and why; nobody is called",
  help: `Needs a token with the scope admin; with pii:read as well it shows numbers and texts.
No signature is asked for, and nothing is written.

  --file      a webhook's body as the sender writes it
  --header    a header of it; some senders say the type there: --header X-Shopify-Topic=orders/updated
  --type      the event's type, in place of what the webhook says
  --event     an event that came, by its id
  --record    a file with what would be fetched, as JSON: { "ticket": { … } }
  --rule      only this rule
  --rules     the source's rules in this hookline.yaml, in place of the stored ones
  --json      the whole answer of the API`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        file: { type: "string" },
        header: { type: "string", multiple: true },
        type: { type: "string" },
        event: { type: "string" },
        record: { type: "string" },
        rule: { type: "string" },
        rules: { type: "string" },
        json: { type: "boolean" },
      },
    });
    const [source, ...rest] = positionals;
    if (source === undefined || rest.length > 0)
      throw new CommandError("name the source; usage: hookline preview SOURCE …", 2);
    const { file, event, header, type } = values;
    if ((file === undefined) === (event === undefined))
      throw new CommandError("name the webhook: --file PAYLOAD, or --event ID", 2);
    const rules = values.rules === undefined ? null : readRules(io, values.rules, source);
    if (typeof rules === "number") return rules;
    const wanted = {
      ...(file === undefined ? {} : { body: readText(file) }),
      ...(header === undefined ? {} : { headers: headersOf(header) }),
      ...(type === undefined ? {} : { type }),
      ...(event === undefined ? {} : { event_id: event }),
      ...(values.record === undefined ? {} : { record: jsonOf(values.record) }),
      ...(values.rule === undefined ? {} : { rule: values.rule }),
      ...(rules === null ? {} : { rules: rules.rules }),
    };
    const answer = await callApi(findService(io), "POST", `/v1/sources/${encodeURIComponent(source)}/preview`, wanted);
    if (!answer.ok && rules !== null && answer.status === 422) return rules.refuse(answer);
    if (!answer.ok) throw refusal(answer);
    if (values.json) {
      io.out(JSON.stringify(answer.body, null, 2));
      return 0;
    }
    const { events, as_of, left_out } = read(answered, answer.body);
    for (const one of events) {
      const { type: name, order_number, record, unreadable, notes } = one.event;
      const about = [order_number, record === null ? null : `${record.type} ${record.id}`].filter(
        (part) => part !== null,
      );
      io.out([`event ${name}`, ...about].join(", "));
      // A body alone lacks the headers, in which many senders name the type.
      if (name === untyped && file !== undefined && type === undefined && header === undefined)
        io.out("  the body names no type: say it with --type, or give the sender's header with --header");
      for (const { sentence } of notes) io.out(`  note: ${sentence}`);
      if (unreadable !== null) io.out(`  cannot be read: ${unreadable}`);
      if (unreadable === null && one.rules.length === 0) io.out("  the source has no rule");
      for (const rule of one.rules) io.out(ruleText(rule, as_of));
    }
    if (events.length === 0) io.out("the webhook carries no event");
    if (left_out > 0) io.out(`and ${counted(left_out, "more event")} of the webhook, not shown here`);
    return 0;
  },
};

function ruleText(seen: RuleSeen, asOf: string): string {
  const mode = seen.as_live ? ` (${seen.mode}, looked at as if live)` : "";
  const lines = [`  ${seen.rule}${mode}: ${verdictOf(seen, asOf)}`];
  if (seen.when !== null && seen.when.part !== null)
    lines.push(
      `    when is ${seen.when.result}: ${seen.when.part}${seen.when.detail === null ? "" : ` (${seen.when.detail})`}`,
    );
  if (seen.broken !== null) lines.push(`    broken first: ${brokenText(seen.broken)}`);
  for (const { value, number, detail } of seen.numbers)
    lines.push(`    number ${JSON.stringify(value ?? "")}: ${number ?? detail ?? "none"}`);
  if (seen.call !== undefined) lines.push(`    zone ${zonesText(seen.zones)}`);
  for (const [field, { text, path }] of Object.entries(seen.texts))
    lines.push(...textLines(field, text ?? `(incomplete${path ? `: ${path} is missing` : ""})`));
  for (const { path, by, values } of seen.read)
    lines.push(
      `    read ${path} for ${by.join(", ")}: ${values.length === 0 ? "(nothing)" : values.map(short).join(", ")}`,
    );
  for (const { sentence } of seen.warnings) lines.push(`    note: ${sentence}`);
  return lines.join("\n");
}

function verdictOf({ call, reason, reason_text, won_by }: RuleSeen, asOf: string): string {
  if (won_by !== undefined) return `no call: the rule ${won_by} has the event`;
  if (call === undefined) return `no call: ${reason_text ?? reason ?? ""}`;
  if (call.status !== "queued") return `held: ${reason_text ?? reason ?? ""}`;
  const when = call.due_at === null || call.due_at <= asOf ? "at once" : `at ${call.due_at}`;
  return `would call ${call.number} (${call.country}) by ${call.line}, ${when}`;
}

function brokenText({ field, path, problem, detail }: NonNullable<RuleSeen["broken"]>): string {
  return [field, path === null ? null : `at ${path}`, `(${problem}${detail ? `: ${detail}` : ""})`]
    .filter((part) => part !== null)
    .join(" ");
}

function zonesText({ used, from, possible }: RuleSeen["zones"]): string {
  const more = used.length > zonesShownMax ? ` and ${used.length - zonesShownMax} more` : "";
  const others = possible.length > 0 && from !== "number" ? `; the number may be in ${possible.length}` : "";
  return `${used.slice(0, zonesShownMax).join(", ")}${more} (from: ${from ?? "nowhere"}${others})`;
}

function textLines(field: string, text: string): string[] {
  const [first = "", ...rest] = text.split("\n");
  const indent = " ".repeat(field.length + 6);
  return [`    ${field}: ${first}`, ...rest.map((line) => `${indent}${line}`)];
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function headersOf(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((one) => {
      const at = one.indexOf("=");
      if (at < 1) throw new CommandError(`--header takes NAME=VALUE, and not "${one}"`, 2);
      return [one.slice(0, at), one.slice(at + 1)];
    }),
  );
}

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(readText(file));
  } catch (error) {
    if (error instanceof SyntaxError) throw new CommandError(`${file} is no JSON`);
    throw error;
  }
}
