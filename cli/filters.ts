import { CommandError } from "./command.ts";

/** One `--filter NAME=VALUE`. */
export function filterPair(part: string): [string, string] {
  const at = part.indexOf("=");
  if (at < 1) throw new CommandError(`--filter takes NAME=VALUE, and not "${part}"`, 2);
  return [part.slice(0, at), part.slice(at + 1)];
}
