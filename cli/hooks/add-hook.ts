// `hookline hooks add`: the hook of a token's name and a URL.
import { parseArgs } from "node:util";
import { CommandError, type Io } from "../command.ts";
import { callApi, findService, read, refusal } from "../service.ts";
import { hookAnswer } from "./hook.ts";
import { onlyArgument, type Subverb } from "./subverbs.ts";

const usage =
  "hooks add URL --events EVENT… [--when CEL] [--payload full|full_with_pii|thin] [--header 'Name: value']… [--header-env Name=VARIABLE]… [--description TEXT] [--format webhook|slack|email]";

export const addSubverb: Subverb = {
  usage,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        events: { type: "string", multiple: true },
        when: { type: "string" },
        payload: { type: "string" },
        header: { type: "string", multiple: true },
        "header-env": { type: "string", multiple: true },
        description: { type: "string" },
        format: { type: "string" },
      },
    });
    const target = onlyArgument(positionals, "the URL", usage);
    const events = (values.events ?? []).flatMap((names) => names.split(",")).map((name) => name.trim());
    if (events.length === 0) throw new CommandError("name the events: --events call.*", 2);
    const headers = headersOf(io, values.header ?? [], values["header-env"] ?? []);
    const { when, payload, description, format } = values;
    const body = { target_url: target, events, when, payload, description, format, headers };
    const answer = await callApi(findService(io), "POST", "/v1/hooks", body);
    if (!answer.ok) throw refusal(answer);
    const { id, target_url, secret, state } = read(hookAnswer, answer.body);
    if (secret === undefined) {
      io.say(`${target_url} has its hook already, and now it is as you say: ${state}, id ${id}`);
      io.say("its secret is not shown again; `hookline hooks rotate` makes a new one");
      return 0;
    }
    io.say(`made: ${target_url}, id ${id}; the secret is not shown again`);
    io.out(secret);
    return 0;
  },
};

/** Headers by name; undefined if none was given, so that those of a hook that exists stay. */
function headersOf(
  io: Io,
  written: readonly string[],
  fromEnvironment: readonly string[],
): Record<string, string> | undefined {
  const pairs = [
    ...written.map((text) => pairOf(text, ":", "--header takes 'Name: value'")),
    ...fromEnvironment.map((text) => {
      const [name, variable] = pairOf(text, "=", "--header-env takes Name=VARIABLE");
      const value = io.env[variable];
      if (!value) throw new CommandError(`${variable} is not set: it has the value of the header ${name}`, 2);
      return [name, value] as const;
    }),
  ];
  const twice = pairs.find(([name], at) => pairs.findIndex(([other]) => isSame(name, other)) !== at);
  if (twice !== undefined) throw new CommandError(`the header ${twice[0]} is given twice`, 2);
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}

/** The message never quotes the argument, which may hold a secret. */
function pairOf(text: string, sign: string, sentence: string): readonly [string, string] {
  const at = text.indexOf(sign);
  const [name, value] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  if (at < 1 || name === "" || value === "") throw new CommandError(sentence, 2);
  return [name, value];
}

const isSame = (name: string, other: string) => name.toLowerCase() === other.toLowerCase();
