// `hookline evidence`: the evidence bundle of an order.
import { parseArgs } from "node:util";
import { type Command, CommandError } from "../command.ts";
import { onlyArgument } from "../hooks/subverbs.ts";
import { findService, openAnswer } from "../service.ts";
import { saveWhole } from "./export-list.ts";

const usage = "ORDER_NUMBER --out FILE";

export const evidenceCommand: Command = {
  usage,
  summary: "write everything about an order to a zip that verifies itself offline",
  help: `Needs a token with the scope calls:read. Numbers and texts are masked for a token without pii:read, and the bundle says so.
Open verify.html of the bundle in a browser: it needs no network. \`hookline verify-receipt\` verifies a receipt of the bundle with
its keys.json. The audit log has an entry with the order number and the calls.

  --out  the file. It is written as FILE.part, and gets its name once it is whole`,
  async run(args, io) {
    const options = { out: { type: "string" } } as const;
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
    const order = onlyArgument(positionals, "the order number", `evidence ${usage}`);
    if (values.out === undefined) throw new CommandError("name the file with --out", 2);
    const query = new URLSearchParams({ order_number: order });
    await saveWhole(await openAnswer(findService(io), `/v1/orders/evidence?${query}`), values.out);
    io.say(`${values.out} is whole: open its verify.html in a browser`);
    return 0;
  },
};
