/** Pending timers and promises keep an object in memory, and billed. The page for operators names every file that makes one. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const page = readFileSync(join(root, "docs", "deploy.md"), "utf8");
const section = page.slice(page.indexOf("## Objects that stay awake"), page.indexOf("## Versions of the platform"));

/** A call, and no type of one: `setTimeout(`, `host.waitUntil(work)`. */
const waits = /\b(?:setTimeout|setInterval)\(|(?<!readonly )\bwaitUntil\((?!\w+: )|\bidle_timeout:/;

const files = ["src/objects", "src/platform", "src/store", "src/flows", "src/crm", "src/mihu"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile() && each.name.endsWith(".ts"))
    .map((each) => join(each.parentPath, each.name)),
);
const waiting = files.filter((path) => waits.test(readFileSync(path, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "")));

/** Opens the connection that the page names by the file that objects keep it in. */
const heldElsewhere: Readonly<Record<string, string>> = {
  "src/store/postgres/connection.ts": "src/store/postgres/kept-client.ts",
  // Hands `waitUntil` of the object on.
  "src/objects/line/line.ts": "src/objects/line/dialler.ts",
};

test("Every timer and every waitUntil of an object stands in docs/deploy.md.", () => {
  expect(waiting.length).toBeGreaterThan(8);
  const missing = waiting
    .map((path) => relative(root, path))
    .filter((name) => !section.includes(heldElsewhere[name] ?? name));
  expect(missing).toEqual([]);
});
