/** The documents for readers, and their parts. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../cli/local/paths.ts";

/** README and every page of `docs/`, as paths from the root. README first: a newcomer starts there. */
export const pages: readonly string[] = [
  "README.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .sort()
    .map((name) => `docs/${name}`),
];

/** Every Markdown document of the project. */
export const documents: readonly string[] = [
  ...readdirSync(root).filter((name) => name.endsWith(".md") && name !== "README.md"),
  ...pages,
];

/** The text of a document. */
export const pageText = (path: string): string => readFileSync(join(root, path), "utf8");

/** A fenced block of a document. */
export type Block = {
  /** The word behind the fence: `sh`, `console`, `json`, …; empty if there is none. */
  readonly kind: string;
  readonly lines: readonly string[];
  /** The line of the document on which the fence opens, from 1 on. */
  readonly line: number;
};

/** The fenced blocks of a document, in their order. The fence of a block in a list is indented, and so is its text. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let open: { indent: number; kind: string; lines: string[]; line: number } | undefined;
  for (const [at, line] of text.split("\n").entries()) {
    const fence = /^( *)```([\w-]*)$/.exec(line);
    if (fence !== null && open === undefined)
      open = { indent: fence[1]?.length ?? 0, kind: fence[2] ?? "", lines: [], line: at + 1 };
    else if (fence !== null && open !== undefined) {
      blocks.push(open);
      open = undefined;
    } else if (open !== undefined) open.lines.push(line.slice(open.indent));
  }
  if (open !== undefined) throw new Error(`the block that opens on line ${open.line} has no end`);
  return blocks;
}

/** A document without its blocks and code marks: headings and links stand in the rest. */
export function proseOf(text: string): string {
  return text.replace(/^( *)```[\s\S]*?^\1```$/gm, "").replace(/`[^`\n]*`/g, (code) => "x".repeat(code.length));
}
