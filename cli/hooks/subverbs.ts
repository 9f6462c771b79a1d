// Verbs with further verbs behind them: `hookline hooks pause …`.
import { CommandError, type Io } from "../command.ts";

export type Subverb = {
  /** With the verb: `pause HOOK --reason TEXT`. */
  readonly usage: string;
  run(args: string[], io: Io): Promise<number>;
};

/** Runs the verb that the first argument names, or `otherwise` if it names none. */
export async function runSubverb(
  subverbs: ReadonlyMap<string, Subverb>,
  otherwise: Subverb,
  args: string[],
  io: Io,
): Promise<number> {
  const [first, ...rest] = args;
  const subverb = first === undefined ? undefined : subverbs.get(first);
  return subverb === undefined ? await otherwise.run(args, io) : await subverb.run(rest, io);
}

/** The one argument of a verb. Throws its usage if there is none, or more than one. */
export function onlyArgument(positionals: readonly string[], what: string, usage: string): string {
  const [name, ...rest] = positionals;
  if (name === undefined || name.trim() === "" || rest.length > 0)
    throw new CommandError(`name ${what}; usage: hookline ${usage}`, 2);
  return name;
}
