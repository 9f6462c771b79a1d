// `hookline erase`: erases a person's data. The history of the calls stays.
import { parseArgs } from "node:util";
import * as z from "zod";
import { type Command, CommandError } from "../command.ts";
import { callApi, findService, read, refusal } from "../service.ts";
import { counted } from "../words.ts";

const answer = z.looseObject({
  erased: z.looseObject({ calls: z.number(), events: z.number(), canceled_calls: z.number() }),
  waiting: z.looseObject({
    calls: z.number(),
    named: z.array(z.looseObject({ id: z.string(), status: z.string() })),
    unplanned_events: z.array(z.string()),
  }),
  // Absent from the previous version.
  told: z.array(z.looseObject({ hook: z.string(), host: z.string(), deliveries: z.number() })).default([]),
  more: z.boolean(),
  // Absent from the previous version.
  not_searched: z.string().nullish(),
});

export const eraseCommand: Command = {
  usage: "--number NUMBER --reason TEXT | --source SLUG --event ID --reason TEXT",
  summary: "erase a person's data, or an event",
  help: `Number, texts, summary, recording, and the bodies of the events go, for good. Status, times, outcome, reason and order number
stay, and so does a suppression of the number. Needs a token with the scope admin, and pii:read for a number. Exit code 1: some calls are still under way;
erase again once they are over.

  --number   of the person; all calls to it, of every source, with the events that made them. An event that made no call
             to it is not found by a number in its body: erase it with --source and --event
  --source   with --event: one event, by Hookline's id or the sender's id, with all its calls
  --reason   the reason that audit entries show; do not name the person

It names the receivers of hooks that were sent the data before.`,
  async run(args, io) {
    const { values } = parseArgs({
      args,
      options: {
        number: { type: "string" },
        source: { type: "string" },
        event: { type: "string" },
        reason: { type: "string" },
      },
    });
    const { number, source, event, reason } = values;
    const named = number !== undefined && source === undefined && event === undefined;
    const one = number === undefined && source !== undefined && event !== undefined;
    if (reason === undefined || !(named || one))
      throw new CommandError(`usage: hookline erase ${eraseCommand.usage}`, 2);
    const service = findService(io);
    const told = new Map<string, { host: string; deliveries: number }>();
    const sum = { calls: 0, events: 0, canceled_calls: 0 };
    for (;;) {
      const said = await callApi(
        service,
        "POST",
        "/v1/erasures",
        named ? { number, reason } : { source, event, reason },
      );
      if (!said.ok) throw refusal(said);
      const { erased, waiting, told: toldNow, more, not_searched } = read(answer, said.body);
      sum.calls += erased.calls;
      sum.events += erased.events;
      sum.canceled_calls += erased.canceled_calls;
      for (const { hook, host, deliveries } of toldNow)
        told.set(hook, { host, deliveries: deliveries + (told.get(hook)?.deliveries ?? 0) });
      if (more) continue;
      io.out(
        `erased ${counted(sum.calls, "call")} (${sum.canceled_calls} canceled for it) and ${counted(sum.events, "event")}`,
      );
      if (sum.calls + sum.events + waiting.calls + waiting.unplanned_events.length === 0) {
        io.say(named ? "there is nothing to erase: no call to this number exists" : "it was erased before");
      }
      for (const [hook, { host, deliveries }] of told)
        io.say(
          `was told: ${host} (hook ${hook}), ${counted(deliveries, "delivery", "deliveries")}; ask them to erase it too`,
        );
      if (not_searched) io.say(`not searched: ${not_searched}`);
      for (const { id, status } of waiting.named) io.say(`not yet: call ${id} is ${status}`);
      for (const id of waiting.unplanned_events) io.say(`not yet: event ${id} waits for its plan`);
      if (waiting.calls > waiting.named.length)
        io.say(`not yet: ${counted(waiting.calls - waiting.named.length, "more call")}`);
      return waiting.calls + waiting.unplanned_events.length > 0 ? 1 : 0;
    }
  },
};
