// `hookline find`: anything by any id.
import { parseArgs } from "node:util";
import * as z from "zod";
import type { Command } from "../command.ts";
import { onlyArgument } from "../hooks/subverbs.ts";
import { findService, get } from "../service.ts";
import { counted, printable } from "../words.ts";

const found = z.looseObject({
  matches: z.array(
    z.looseObject({
      kind: z.string(),
      label: z.string(),
      exact: z.boolean(),
      count: z.number(),
      counted: z.string(),
      more: z.boolean(),
      newest_at: z.string().nullable(),
      link: z.string(),
    }),
  ),
  tried: z.array(z.string()),
  not_tried: z.array(z.looseObject({ kind: z.string(), reason: z.string() })),
});

const words = (name: string) => name.replaceAll("_", " ");

export const findCommand: Command = {
  usage: "TEXT",
  summary: "find an order, a record, an event, a call, a conversation or a number by any id",
  help: `Needs a token with the scope calls:read. Numbers are looked up only for a token with pii:read.

TEXT is an order number or its beginning, a record ("987", "order 987"), an id of an event, a call or a conversation,
the sender's id of an event, Mihu's id of a call, a phone number, or a URL that contains one of these.`,
  async run(args, io) {
    const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
    const text = onlyArgument(positionals, "the text to find", "find TEXT");
    const service = findService(io);
    const { matches, tried, not_tried } = await get(service, `/v1/find?${new URLSearchParams({ q: text })}`, found);
    for (const one of matches) {
      const rows = `${one.more ? "more than " : ""}${counted(one.count, one.counted.slice(0, -1))}`;
      const kind = `${words(one.kind)}${one.exact ? "" : " (begins so)"}`;
      io.out(
        `${kind.padEnd(20)}  ${printable(one.label)}  ${rows}, newest ${one.newest_at}  ${service.url}${one.link}`,
      );
    }
    if (matches.length === 0) io.say(`nothing is found; looked up as: ${tried.map(words).join(", ") || "nothing"}`);
    if (not_tried.some(({ reason }) => reason === "needs_pii_read"))
      io.say("numbers are not looked up: the token lacks pii:read");
    return 0;
  },
};
