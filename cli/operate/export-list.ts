// `hookline export-list`: a whole list as a file.
import { createWriteStream, renameSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { type Command, CommandError } from "../command.ts";
import { filterPair } from "../filters.ts";
import { findService, openAnswer } from "../service.ts";

const lists: Readonly<Record<string, (hook: string) => string>> = {
  calls: () => "/v1/calls/export",
  events: () => "/v1/events/export",
  suppressions: () => "/v1/suppressions/export",
  deliveries: (hook) => `/v1/hooks/${encodeURIComponent(hook)}/deliveries/export`,
};
const usage = "calls|events|suppressions|deliveries HOOK --out FILE [--format csv|jsonl] [--filter NAME=VALUE…]";

export const exportListCommand: Command = {
  usage,
  summary: "write a whole list to a file, as CSV or JSON Lines",
  help: `Needs a token with the scope calls:read, for deliveries hooks:write. Numbers and texts are masked for a token without
pii:read. The audit log has an entry with the filter and the number of rows.

  --out     the file. It is written as FILE.part, and gets its name once it is whole
  --format  csv (the default), for spreadsheets; jsonl, a JSON object a line, for programs
  --filter  which rows, as in the list: for calls order_number, record_type, record_id, number, conversation, status,
            source, rule, line, from, to; for events source, order_number, state; for deliveries state`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        out: { type: "string" },
        format: { type: "string", default: "csv" },
        filter: { type: "string", multiple: true },
      },
    });
    const [name = "", hook, ...more] = positionals;
    const place = Object.hasOwn(lists, name) ? lists[name] : undefined;
    if (place === undefined || (hook !== undefined) !== (name === "deliveries") || more.length > 0)
      throw new CommandError(`name one list; usage: hookline export-list ${usage}`, 2);
    if (values.out === undefined) throw new CommandError("name the file with --out", 2);
    const query = new URLSearchParams([["format", values.format], ...(values.filter ?? []).map(filterPair)]);
    await saveWhole(await openAnswer(findService(io), `${place(hook ?? "")}?${query}`), values.out);
    io.say(`${values.out} is whole`);
    return 0;
  },
};

/** Writes an answer to a file that only its owner may read. The file has its name only if it is whole. */
export async function saveWhole(body: ReadableStream<Uint8Array>, file: string): Promise<void> {
  const part = `${file}.part`;
  try {
    await pipeline(Readable.fromWeb(body), createWriteStream(part, { mode: 0o600 }));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(`the file is not whole (${why}). What arrived is in ${part}. Run the command again`);
  }
  renameSync(part, file);
}
