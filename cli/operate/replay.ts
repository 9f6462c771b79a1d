// `hookline replay`: runs stored events through current rules. It prints the plan first.
import { parseArgs } from "node:util";
import * as z from "zod";
import { type Command, CommandError, type Io } from "../command.ts";
import { filterPair } from "../filters.ts";
import { callApi, findService, read, refusal, type Service } from "../service.ts";
import { postTask } from "../task.ts";
import { counted } from "../words.ts";

const answered = z.looseObject({
  events: z.number(),
  would_call: z.number().optional(),
  called: z.number().optional(),
  held: z.number(),
  already_called: z.number(),
  owed: z.number(),
  too_old: z.number(),
  expiry: z.string(),
  skipped: z.array(z.looseObject({ reason: z.string(), reason_text: z.string(), count: z.number() })),
  samples: z.array(
    z.looseObject({
      event_id: z.string(),
      rule: z.string(),
      order_number: z.string().nullable(),
      number: z.string().nullable(),
      try: z.number(),
    }),
  ),
  next_cursor: z.string().nullable(),
});

/** The sums over all requests of a replay. */
type Total = {
  events: number;
  calls: number;
  held: number;
  alreadyCalled: number;
  owed: number;
  tooOld: number;
  expiry: string;
  skipped: Map<string, number>;
};

/** Calls of the plan that are printed. */
const shownMax = 5;

export const replayCommand: Command = {
  usage:
    "--source SLUG --reason TEXT [--filter NAME=VALUE…] [--rule NAME] [--even-if-called] [--ignore-expiry] [--as-task] [--yes]",
  summary: "make the calls of stored events by today's rules",
  help: `Needs a token with the scope calls:write. A customer who was called is not called again; every gate applies.
Without --yes it prints the plan, and does nothing.

  --source          the source
  --filter          which of its events: type, state, reason, rule, order_number, record_type, record_id,
                    from, to, each as NAME=VALUE; several narrow it down. \`reason\` is that of an event or of its call
  --rule            only the calls of this rule
  --even-if-called  call again where an earlier call rang and has ended; the reason is stored with the call
  --ignore-expiry   call also what its rule's expires would stop; it then counts from now
  --reason          why; it is stored with the calls
  --as-task         the service goes on by itself, in small steps; \`hookline tasks\` shows its progress
  --yes             do it`,
  async run(args, io) {
    const { values } = parseArgs({
      args,
      options: {
        source: { type: "string" },
        filter: { type: "string", multiple: true },
        rule: { type: "string" },
        "even-if-called": { type: "boolean" },
        "ignore-expiry": { type: "boolean" },
        reason: { type: "string" },
        "as-task": { type: "boolean" },
        yes: { type: "boolean" },
      },
    });
    const { source, filter = [], rule, reason } = values;
    if (source === undefined) throw new CommandError("name the source: --source SLUG", 2);
    if (reason === undefined || reason.trim() === "") throw new CommandError("give a reason: --reason TEXT", 2);
    const body = {
      filter: { source, ...Object.fromEntries(filter.map(filterPair)) },
      reason,
      ...(rule === undefined ? {} : { rule }),
      ...(values["even-if-called"] ? { even_if_called: true } : {}),
      ...(values["ignore-expiry"] ? { ignore_expiry: true } : {}),
    };
    const service = findService(io);
    if (values["as-task"] && values.yes) return await postTask(io, service, "/v1/events/replay", body);
    tell(io, "would call", await walk(io, service, { ...body, dry_run: true }));
    if (!values.yes) {
      io.say("Nothing was changed; --yes does it.");
      return 0;
    }
    tell(io, "called", await walk(io, service, body));
    return 0;
  },
};

/** Sends requests until the last page. */
async function walk(io: Io, service: Service, body: Record<string, unknown>): Promise<Total> {
  const total: Total = {
    events: 0,
    calls: 0,
    held: 0,
    alreadyCalled: 0,
    owed: 0,
    tooOld: 0,
    expiry: "",
    skipped: new Map(),
  };
  let shown = 0;
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const answer = await callApi(service, "POST", "/v1/events/replay", { ...body, ...(cursor ? { cursor } : {}) });
    if (!answer.ok) throw refusal(answer);
    const part = read(answered, answer.body);
    total.events += part.events;
    total.calls += part.would_call ?? part.called ?? 0;
    total.held += part.held;
    total.alreadyCalled += part.already_called;
    total.owed += part.owed;
    total.tooOld += part.too_old;
    total.expiry = part.expiry;
    for (const { reason_text, count } of part.skipped)
      total.skipped.set(reason_text, (total.skipped.get(reason_text) ?? 0) + count);
    if (body.dry_run === true)
      for (const one of part.samples.slice(0, Math.max(0, shownMax - shown))) {
        io.out(`${one.event_id}  ${one.rule}  try ${one.try}  ${one.order_number ?? "-"}  ${one.number ?? "-"}`);
        shown++;
      }
    cursor = part.next_cursor;
    if (cursor !== null) io.say(`${counted(total.events, "event")} so far`);
  }
  return total;
}

function tell(io: Io, verb: string, total: Total): void {
  const held = total.held > 0 ? `, ${total.held} of them held for a person` : "";
  io.out(
    `${verb} ${total.calls}${held}; of ${counted(total.events, "event")}: ${total.alreadyCalled} already called, ${total.owed} wait already, ${total.tooOld} too old`,
  );
  if (total.tooOld > 0) io.say(`${total.tooOld} too old: ${total.expiry} --ignore-expiry calls them all the same.`);
  for (const [sentence, count] of total.skipped) io.say(`passed over: ${counted(count, "call")}. ${sentence}`);
}
