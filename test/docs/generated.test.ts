import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../cli/local/paths.ts";
import { apiPage, apiPageFile } from "../../dev/docs/api-page.ts";
import { withTables } from "../../dev/docs/generated.ts";
import { lineBody } from "../../src/http/api/schemas/line.ts";
import { namedRule } from "../../src/http/api/schemas/rule.ts";
import { sourceBody } from "../../src/http/api/schemas/source.ts";
import { pages, pageText } from "./page.ts";

/** Names in the first column of the table under a heading. A cell may name several. */
function namesUnder(page: string, heading: string): string[] {
  const [, section = ""] = pageText(page).split(`\n${heading}\n`);
  const [table = ""] = /(?:^\|.*\n)+/m.exec(section) ?? [];
  return table
    .split("\n")
    .slice(2)
    .flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name))
    .sort();
}

describe("tables", () => {
  it.each(pages)("of %s that come from the code are as the code has them: npm run docs writes them", (page) => {
    expect(pageText(page)).toBe(withTables(pageText(page)));
  });

  it("of the API are a page of their own: npm run docs writes it", () => {
    expect(readFileSync(apiPageFile, "utf8")).toBe(apiPage());
  });

  it("are written between their comments, and a comment that names none is a mistake", () => {
    const page = (name: string) => `a\n<!-- generated: ${name} -->\nold\n<!-- generated: end -->\nb\n`;
    expect(withTables(page("limits"))).toMatch(
      /^a\n<!-- generated: limits -->\n\n\| limit [\s\S]*\|\n\n<!-- [^\n]*\nb\n$/,
    );
    expect(withTables(withTables(page("limits")))).toBe(withTables(page("limits")));
    expect(() => withTables(page("nothing"))).toThrow("nothing");
  });

  it.each<[string, string, string, readonly string[]]>([
    ["a rule", "docs/mapping.md", "## Fields of a rule", Object.keys(namedRule.shape)],
    ["a line", "docs/configure.md", "## Lines", Object.keys(lineBody.shape)],
    ["a source", "docs/configure.md", "## Sources", [...Object.keys(sourceBody.shape), "rules"]],
    ["the Worker's environment", "docs/deploy.md", "## Variables of the Worker", workerVariables()],
    ["the environment of commands", "docs/deploy.md", "## Variables of the command line", commandVariables()],
  ])("have every field of %s, and no other", (_, page, heading, fields) => {
    expect(fields.length).toBeGreaterThan(5);
    expect(namesUnder(page, heading)).toEqual([...fields].sort());
  });

  it("have the defaults of a line", () => {
    const defaults = lineBody.parse({ agent: "a" });
    for (const name of ["calls_per_minute", "calls_at_once", "calls_per_day"] as const)
      expect(pageText("docs/configure.md")).toMatch(
        new RegExp(`^\\| \`${name}\` \\|.*\\| ${defaults[name].toLocaleString("en-US")} \\|$`, "m"),
      );
  });
});

/** The variables that the command line, `npm start` and `npm run send` read. `PATH` is the system's. */
function commandVariables(): string[] {
  const read = globSync(["cli/**/*.ts", "dev/start.ts", "dev/send/*.ts"], { cwd: root }).flatMap((path) => {
    const text = readFileSync(join(root, path), "utf8");
    const destructured = [...text.matchAll(/\{ ([A-Z_, ]+) \} = (?:io|process)\.env/g)].flatMap(([, names = ""]) =>
      names.split(", "),
    );
    return [...text.matchAll(/\benv\.([A-Z][A-Z_]+)/g)].map(([, name = ""]) => name).concat(destructured);
  });
  return [...new Set(read)];
}

/** The variables that `src/environment.ts` reads. */
function workerVariables(): string[] {
  const text = readFileSync(join(root, "src/environment.ts"), "utf8");
  return [...text.matchAll(/\btake\("([A-Z_]+)"/g)].map(([, name = ""]) => name);
}
