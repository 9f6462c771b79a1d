// `hookline diff`: prints the changes that a file would make, with texts compared line by line.
import { parseArgs } from "node:util";
import { type Command, CommandError } from "../command.ts";
import { type ConfigChange, changeSigns, planFile } from "./apply.ts";

export const diffCommand: Command = {
  usage: "FILE",
  summary: "show how hookline.yaml differs from the service",
  help: `Changes nothing. Ends with 0 where nothing differs, with 1 where something does or the file has mistakes:
fit for a pipeline that wants to know before it applies.`,
  async run(args, io) {
    const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
    const [file, ...rest] = positionals;
    if (file === undefined || rest.length > 0) throw new CommandError("name the file; usage: hookline diff FILE", 2);
    const planned = await planFile(io, file);
    if (!planned.ok) return planned.code;
    const changes = planned.applied.changes.filter(({ kind }) => kind !== "keep");
    for (const change of changes) io.out(changeText(change));
    if (changes.length === 0) io.out("nothing differs");
    for (const { sentence } of planned.applied.left_secrets) io.out(sentence);
    return changes.length === 0 ? 0 : 1;
  },
};

function changeText({ kind, what, name, fields }: ConfigChange): string {
  const head = `${changeSigns[kind]} ${what} ${name}`;
  if (kind !== "change" || fields === undefined) return head;
  return [head, ...fields.flatMap(({ field, from, to }) => fieldText(field, from, to))].join("\n");
}

/** Short values side by side; longer ones as a diff of their lines. */
function fieldText(field: string, from: unknown, to: unknown): string[] {
  const [old, now] = [valueLines(from), valueLines(to)];
  if (old.length <= 1 && now.length <= 1 && (old[0] ?? "").length + (now[0] ?? "").length <= 60)
    return [`    ${field}: ${old[0] ?? "(none)"} → ${now[0] ?? "(none)"}`];
  return [`    ${field}:`, ...lineDiff(old, now).map((line) => `      ${line}`)];
}

function valueLines(value: unknown): string[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== "string") return JSON.stringify(value, null, 2).split("\n");
  return value.replace(/\n$/, "").split("\n");
}

/** A line diff by the longest common subsequence. */
export function lineDiff(old: readonly string[], now: readonly string[]): string[] {
  // shared[i][j]: length of the longest common subsequence of old from i on and now from j on.
  const shared: number[][] = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0));
  const at = (one: number, other: number): number => shared[one]?.[other] ?? 0;
  for (let one = old.length - 1; one >= 0; one--)
    for (let other = now.length - 1; other >= 0; other--) {
      const row = shared[one];
      if (row === undefined) continue;
      row[other] =
        old[one] === now[other] ? at(one + 1, other + 1) + 1 : Math.max(at(one + 1, other), at(one, other + 1));
    }
  const lines: string[] = [];
  let [one, other] = [0, 0];
  while (one < old.length || other < now.length) {
    if (one < old.length && other < now.length && old[one] === now[other]) {
      lines.push(`  ${old[one]}`);
      one += 1;
      other += 1;
    } else if (other >= now.length || (one < old.length && at(one + 1, other) >= at(one, other + 1))) {
      lines.push(`- ${old[one]}`);
      one += 1;
    } else {
      lines.push(`+ ${now[other]}`);
      other += 1;
    }
  }
  return lines;
}
