/** The commands of a page, each with the output that the page shows. */
import { type Block, blocksOf } from "./page.ts";

/** A command, or all commands of a block of which no output is shown one by one. */
export type Step = {
  readonly line: number;
  readonly script: string;
  /** Lines of output that the page shows. Without any, the command has to end well. */
  readonly shown: readonly string[] | null;
  /** The JSON that the page shows behind the block. */
  readonly json: unknown;
};

/** The first line of a block that cannot be run here says why: `# needs …`. */
const needs = /^# (needs .+)$/;

/** Why a block is not run; null if it is. */
export function whyNotRun({ kind, lines }: Block): string | null {
  return kind === "sh" || kind === "console" ? (needs.exec(lines[0] ?? "")?.[1] ?? null) : null;
}

/** The steps of a page, in their order. `npm start` alone is the product itself, which runs already. */
export function stepsOf(text: string): Step[] {
  const blocks = blocksOf(text);
  return blocks.flatMap((block, at) => {
    if (whyNotRun(block) !== null || block.lines.join("\n").trim() === "npm start") return [];
    if (block.kind === "console") return consoleSteps(block);
    if (block.kind !== "sh") return [];
    const next = blocks[at + 1];
    const json: unknown = next?.kind === "json" ? JSON.parse(next.lines.join("\n")) : undefined;
    return [{ line: block.line, script: block.lines.join("\n"), shown: null, json }];
  });
}

/** A line that begins with `$ ` is a command; a `\` at its end continues it. Its output follows. */
function consoleSteps({ lines, line }: Block): Step[] {
  const steps: { line: number; script: string; shown: string[]; json: undefined }[] = [];
  let continues = false;
  for (const [at, text] of lines.entries()) {
    const last = steps.at(-1);
    if (continues && last !== undefined) last.script += `\n${text}`;
    else if (text.startsWith("$ "))
      steps.push({ line: line + at + 1, script: text.slice(2), shown: [], json: undefined });
    else if (last === undefined) throw new Error(`line ${line + at + 1}: a block of kind console begins with "$ "`);
    else last.shown.push(text);
    continues = (continues || text.startsWith("$ ")) && text.endsWith("\\");
  }
  return steps;
}
