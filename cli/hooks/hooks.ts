// `hookline hooks`: lists hooks, and makes, changes, tests and removes them.
import { parseArgs } from "node:util";
import { type Command, CommandError, type Io } from "../command.ts";
import { callApi, findService, read, refusal } from "../service.ts";
import { counted } from "../words.ts";
import { addSubverb } from "./add-hook.ts";
import { everyHook, hookAnswer, namedHook, troublesOf } from "./hook.ts";
import { onlyArgument, runSubverb, type Subverb } from "./subverbs.ts";
import { testHook } from "./test-hook.ts";

const usages = {
  show: "hooks show HOOK",
  pause: "hooks pause HOOK --reason TEXT",
  resume: "hooks resume HOOK",
  rotate: "hooks rotate HOOK",
  test: "hooks test HOOK",
  remove: "hooks remove HOOK",
} as const;

const listHooks: Subverb = {
  usage: "hooks",
  async run(args, io) {
    const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
    const [unknown] = positionals;
    if (unknown !== undefined)
      throw new CommandError(`there is no verb "hooks ${unknown}"; \`hookline hooks --help\` lists them`, 2);
    const hooks = await everyHook(findService(io));
    for (const hook of hooks) {
      const { id, state, pending, events, target_url } = hook;
      io.out(
        `${id}  ${state.padEnd(8)}  ${`${pending} wait`.padStart(9)}  ${events.join(" ").padEnd(24)}  ${target_url}`,
      );
      for (const line of troublesOf(hook)) io.out(`  ${line}`);
    }
    if (hooks.length === 0) io.say("there are no hooks; `hookline hooks add URL --events call.*` makes one");
    else {
      const stopped = hooks.filter(({ state }) => state !== "active").length;
      io.say(`${counted(hooks.length, "hook")}${stopped === 0 ? "" : `, ${stopped} not active`}`);
    }
    return 0;
  },
};

const showHook: Subverb = {
  usage: usages.show,
  async run(args, io) {
    const hook = await named(args, usages.show, io);
    const facts: [string, string | null][] = [
      ["id", hook.id],
      ["target", hook.target_url],
      ["events", hook.events.join(" ")],
      ["when", hook.when],
      ["payload", hook.payload],
      ["format", hook.format],
      ["headers", hook.header_names.join(" ") || null],
      ["description", hook.description],
      ["made by", `the token "${hook.owner}", ${hook.created_at}`],
      ["state", hook.state],
      ["waiting", counted(hook.pending, "delivery", "deliveries")],
      [
        "secret",
        hook.former_secret_until === null ? null : `the former one signs too until ${hook.former_secret_until}`,
      ],
    ];
    for (const [name, value] of facts) if (value !== null) io.out(`${name.padEnd(12)}${value}`);
    for (const line of troublesOf(hook)) io.out(line);
    return 0;
  },
};

const pauseHook: Subverb = {
  usage: usages.pause,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { reason: { type: "string" } },
    });
    const name = onlyArgument(positionals, "the hook", usages.pause);
    const { reason } = values;
    if (reason === undefined || reason.trim() === "") throw new CommandError("give a reason: --reason TEXT", 2);
    return await change(io, name, "pause", { reason });
  },
};

const resumeHook: Subverb = {
  usage: usages.resume,
  async run(args, io) {
    return await change(io, nameIn(args, usages.resume), "resume");
  },
};

const rotateHook: Subverb = {
  usage: usages.rotate,
  async run(args, io) {
    return await change(io, nameIn(args, usages.rotate), "rotate");
  },
};

const sendTest: Subverb = {
  usage: usages.test,
  async run(args, io) {
    const service = findService(io);
    return await testHook(io, service, await namedHook(service, nameIn(args, usages.test)));
  },
};

const removeHook: Subverb = {
  usage: usages.remove,
  async run(args, io) {
    const name = nameIn(args, usages.remove);
    const service = findService(io);
    const hook = await namedHook(service, name);
    const answer = await callApi(service, "DELETE", `/v1/hooks/${hook.id}`);
    if (!answer.ok) throw refusal(answer);
    io.say(`removed: ${hook.target_url}, with its deliveries`);
    return 0;
  },
};

const subverbs: ReadonlyMap<string, Subverb> = new Map([
  ["list", listHooks],
  ["add", addSubverb],
  ["show", showHook],
  ["pause", pauseHook],
  ["resume", resumeHook],
  ["rotate", rotateHook],
  ["test", sendTest],
  ["remove", removeHook],
]);

export const hooksCommand: Command = {
  usage: "[add|show|pause|resume|rotate|test|remove] …",
  summary: "list the hooks, which tell other programs what became of a call; make and change them",
  help: `Needs a token with the scope hooks:write, which has the hooks of its own name, or admin, which has all.
HOOK is the id of a hook, a beginning of the id that no other hook has, or the hook's URL.

${[...subverbs.values()].map(({ usage }) => `  hookline ${usage}`).join("\n")}

Without a verb it lists the hooks: id, state, deliveries that wait, events, URL; below it why a hook is
not active, and since when its deliveries fail.

add makes the hook of the token's name and the URL, or changes it if it is there. The secret of a new
hook is printed once, and nothing else on stdout.
  --events       call.*, call.ended, …; several times, or with commas
  --when         a condition in CEL over the body that the hook receives, such as 'data.outcome == "answered"'
  --payload      full (the default: without personal data), full_with_pii or thin
  --header       'Name: value', sent with each delivery; several times
  --header-env   'Name=VARIABLE': the value is taken from this environment variable; several times
  --description  what it is for
  --format       webhook (the default), slack or email

pause     its deliveries wait, and --reason says why; resume ends a pause, and enables a disabled hook
rotate    prints a new secret; for 24 hours the former one signs too
test      sends a hook.test, waits for the receiver's answer, and prints it. Exit code 1: not delivered
remove    removes the hook and its deliveries`,
  run: (args, io) => runSubverb(subverbs, listHooks, args, io),
};

function nameIn(args: string[], usage: string): string {
  const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
  return onlyArgument(positionals, "the hook", usage);
}

async function named(args: string[], usage: string, io: Io) {
  return await namedHook(findService(io), nameIn(args, usage));
}

const participles = { pause: "paused", resume: "resumed", rotate: "rotated" } as const;

async function change(io: Io, name: string, verb: keyof typeof participles, body?: unknown): Promise<number> {
  const service = findService(io);
  const hook = await namedHook(service, name);
  const answer = await callApi(service, "POST", `/v1/hooks/${hook.id}/${verb}`, body);
  if (!answer.ok) throw refusal(answer);
  const { target_url, state, secret, pending, former_secret_until } = read(hookAnswer, answer.body);
  const waiting = pending === 0 ? "" : `; ${counted(pending, "delivery waits", "deliveries wait")}`;
  const former = former_secret_until === null ? "" : `; the former secret signs too until ${former_secret_until}`;
  io.say(`${participles[verb]}: ${target_url}${verb === "rotate" ? former : `, and it is ${state}${waiting}`}`);
  if (secret !== undefined) io.out(secret);
  return 0;
}
