// `hookline deliveries`: what a hook was told, and telling it again.
import { parseArgs } from "node:util";
import * as z from "zod";
import { deliveryStates } from "../../src/domain/hooks/hook.ts";
import { parseDuration } from "../../src/domain/rules/duration.ts";
import { type Command, CommandError } from "../command.ts";
import { eachRow, limitOf } from "../pages.ts";
import { callApi, findService, read, refusal } from "../service.ts";
import { followTask, taskAnswer } from "../task.ts";
import { counted, printable } from "../words.ts";
import { deliveryAnswer, endOf, followDelivery, triesText, wholeDelivery } from "./delivery.ts";
import { namedHook, stopText } from "./hook.ts";
import { onlyArgument, runSubverb, type Subverb } from "./subverbs.ts";

const usages = {
  list: "deliveries HOOK [--state STATE] [--limit N]",
  show: "deliveries show ID",
  redeliver: "deliveries redeliver ID | --hook HOOK --since TIME [--all]",
} as const;

const listDeliveries: Subverb = {
  usage: usages.list,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { state: { type: "string" }, limit: { type: "string" } },
    });
    const name = onlyArgument(positionals, "the hook", usages.list);
    const { state } = values;
    if (state !== undefined && !deliveryStates.some((one) => one === state))
      throw new CommandError(`--state is one of ${deliveryStates.join(", ")}`, 2);
    const limit = limitOf(values.limit);
    const service = findService(io);
    const hook = await namedHook(service, name);
    const query = new URLSearchParams(state === undefined ? {} : { state });
    const { rows, more } = await eachRow(service, `/v1/hooks/${hook.id}/deliveries`, query, limit, deliveryAnswer);
    for (const delivery of rows) {
      const { id, type, state: now, tries, created_at, call } = delivery;
      const tried = counted(tries, "try", "tries");
      io.out(`${created_at}  ${id}  ${now.padEnd(9)}  ${tried.padEnd(7)}  ${type.padEnd(17)}  ${call ?? ""}`.trimEnd());
      if (now !== "delivered") io.out(`  ${endOf(delivery)}`);
    }
    io.say(
      rows.length === 0
        ? `there are no deliveries to ${hook.target_url}${state === undefined ? "" : ` that are ${state}`}`
        : more
          ? `there are more; --limit ${limit * 2} prints more`
          : counted(rows.length, "delivery", "deliveries"),
    );
    return 0;
  },
};

const showDelivery: Subverb = {
  usage: usages.show,
  async run(args, io) {
    const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
    const id = onlyArgument(positionals, "the delivery's id", usages.show);
    const delivery = await wholeDelivery(findService(io), id);
    io.out(`${delivery.type}, made at ${delivery.created_at} for the hook ${delivery.hook}`);
    if (delivery.call !== null) io.out(`of the call ${delivery.call}`);
    io.out(endOf(delivery));
    for (const line of triesText(delivery.history)) io.out(line);
    io.out(delivery.body === null ? "its body is erased" : printable(delivery.body));
    return 0;
  },
};

const redeliver: Subverb = {
  usage: usages.redeliver,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { hook: { type: "string" }, since: { type: "string" }, all: { type: "boolean" } },
    });
    const { hook: name, since, all = false } = values;
    if (name === undefined) {
      if (since !== undefined || all) throw new CommandError("--since and --all go with --hook HOOK", 2);
      const id = onlyArgument(positionals, "the delivery's id, or --hook HOOK", usages.redeliver);
      const service = findService(io);
      const answer = await callApi(service, "POST", `/v1/deliveries/${encodeURIComponent(id)}/redeliver`);
      if (!answer.ok) throw refusal(answer);
      const { hook: hookId, tries } = read(deliveryAnswer, answer.body);
      const hook = await namedHook(service, hookId);
      if (hook.state === "active") return await followDelivery(io, service, id, tries);
      io.say(`it is due again, and waits: ${stopText(hook)}`);
      return 1;
    }
    if (positionals.length > 0) throw new CommandError("name one delivery, or --hook, and not both", 2);
    if (since === undefined) throw new CommandError("say since when: --since 2h, or --since 2026-11-02T15:00:00Z", 2);
    const from = momentOf(since, Date.now());
    const service = findService(io);
    const hook = await namedHook(service, name);
    const answer = await callApi(service, "POST", `/v1/hooks/${hook.id}/redeliver`, { since: from, all });
    if (!answer.ok) throw refusal(answer);
    const begun = read(taskAnswer, answer.body);
    const task = await followTask(io, service, begun);
    if (task.state !== "done")
      throw new CommandError(`the task is ${task.state}, after ${task.done}: ${task.detail_text ?? "see the log"}`);
    io.out(`${counted(task.done, "delivery", "deliveries")} to ${hook.target_url} since ${from}: due again`);
    if (task.done > 0) io.say(`\`hookline deliveries ${hook.id}\` shows the receiver's answers`);
    if (task.done > 0 && hook.state !== "active") io.say(`they wait: ${stopText(hook)}`);
    return 0;
  },
};

const subverbs: ReadonlyMap<string, Subverb> = new Map([
  ["show", showDelivery],
  ["redeliver", redeliver],
]);

export const deliveriesCommand: Command = {
  usage: "HOOK [--state STATE] [--limit N] | show ID | redeliver ID | redeliver --hook HOOK --since TIME [--all]",
  summary: "list what a hook was told, show a delivery with its tries, deliver again",
  help: `Needs a token with the scope hooks:write, for the hooks of its own name, or admin. HOOK is the id of a hook,
a beginning of the id that no other hook has, or the hook's URL.

  --state    only deliveries that are ${deliveryStates.join(", ")}
  --limit    how many are listed, the newest first (50)

show prints each try with the receiver's answer, and the body. Numbers and texts are masked for a token
without pii:read.
redeliver sends a delivery again under its own webhook-id, waits for the answer, and prints it. Exit code 1:
not delivered. With --hook it is a task of the service, whose progress is printed:
  --since    deliveries that were made since then: 90m, 2h, 3d, or a time in ISO 8601
  --all      also those that the receiver did get`,
  run: (args, io) => runSubverb(subverbs, listDeliveries, args, io),
};

/** A time in ISO 8601, or that long ago. */
function momentOf(text: string, nowMs: number): string {
  const ago = parseDuration(text);
  if (ago.ok) return new Date(nowMs - ago.ms).toISOString();
  if (z.iso.datetime({ offset: true }).safeParse(text).success) return new Date(text).toISOString();
  if (z.iso.date().safeParse(text).success) return text;
  throw new CommandError(`--since takes 90m, 2h, 3d or a time such as 2026-11-02T15:00:00Z, and not "${text}"`, 2);
}
