import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../cli/local/paths.ts";
import { documents, pages, pageText, proseOf } from "./page.ts";

/** The anchors of a document, made of its headings as GitHub makes them. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.replace(/^( *)```[\s\S]*?^\1```$/gm, "").matchAll(/^#{1,6} (.+)$/gm)];
  const seen = new Map<string, number>();
  return new Set(
    headings.map(([, heading = ""]) => {
      const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
      const anchor = plain.replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
      const before = seen.get(anchor) ?? 0;
      seen.set(anchor, before + 1);
      return before === 0 ? anchor : `${anchor}-${before}`;
    }),
  );
}

/** Links of a document to files of the project, with why each leads nowhere. */
function brokenLinks(page: string, text: string): string[] {
  return [...proseOf(text).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].flatMap(([, target = ""]) => {
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? page : posix.join(posix.dirname(page), path);
    if (!existsSync(join(root, file))) return [`${target}: there is no file ${file}`];
    if (anchor === undefined || anchorsOf(file === page ? text : pageText(file)).has(anchor)) return [];
    return [`${target}: ${file} has no heading for it; it has ${[...anchorsOf(pageText(file))].join(", ")}`];
  });
}

describe("links", () => {
  it.each(documents)("of %s lead to files and headings that are there", (page) => {
    expect(brokenLinks(page, pageText(page))).toEqual([]);
  });

  it("are found broken", () => {
    const text =
      "# A b: `c`\n[1](#a-b-c) [2](#a-b) [3](page.md) [4](../README.md#try-it) [5](../README.md#nothing) `[6](no.md)`";
    expect(brokenLinks("docs/configure.md", text).map((line) => line.split(":")[0])).toEqual([
      "#a-b",
      "page.md",
      "../README.md#nothing",
    ]);
  });
});

describe("pages", () => {
  it("are at most 200 lines for README, which links every other page", () => {
    const readme = pageText("README.md");
    expect(readme.split("\n").length - 1).toBeLessThanOrEqual(200);
    expect(pages.slice(1).filter((page) => !readme.includes(`](${page})`))).toEqual([]);
  });
});
