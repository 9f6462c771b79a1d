// `hookline note`: a note on an order.
import { parseArgs } from "node:util";
import * as z from "zod";
import { type Command, CommandError } from "../command.ts";
import { callApi, findService, read, refusal } from "../service.ts";
import { printable } from "../words.ts";

const noted = z.looseObject({ id: z.string(), order_number: z.string() });

export const noteCommand: Command = {
  usage: 'ORDER "TEXT" [--source NAME]',
  summary: "add a note to an order",
  help: `Needs a token with the scope calls:write. The note is in the order's timeline, with the token's name. It cannot be changed later.

  --source  the order's source, if several know an order of this number`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { source: { type: "string" } },
    });
    const [order, text, ...more] = positionals;
    if (order === undefined || text === undefined || more.length > 0)
      throw new CommandError('give the order and the text, each as one argument: note ORDER "TEXT"', 2);
    const answer = await callApi(findService(io), "POST", "/v1/orders/notes", { order_number: order, text, ...values });
    if (!answer.ok) throw refusal(answer);
    const { id, order_number } = read(noted, answer.body);
    io.out(id);
    io.say(`noted on order ${printable(order_number)}`);
    return 0;
  },
};
