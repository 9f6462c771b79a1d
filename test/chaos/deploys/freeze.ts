/**
 * `npm run freeze -- COMMIT`: builds the Worker of a commit and puts it in the place of the frozen former version, by which `npm test` tries
 * a deploy. To be run after each release, with the release's commit.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { root } from "../../../cli/local/paths.ts";
import { bundle } from "../../../dev/stack/bundle.ts";
import { freeze } from "./former.ts";

const [asked] = process.argv.slice(2);
if (asked === undefined) {
  console.error("npm run freeze -- COMMIT");
  process.exit(2);
}
const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
const commit = git("rev-parse", `${asked}^{commit}`);
const project = mkdtempSync(join(realpathSync(tmpdir()), "hookline-former-"));
try {
  execFileSync("sh", ["-c", 'git archive "$1" | tar -x -C "$2"', "sh", commit, project], { cwd: root });
  const lock = (dir: string) => readFileSync(join(dir, "package-lock.json"), "utf8");
  if (lock(project) === lock(root)) symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
  else execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: project, stdio: "inherit" });
  const { dir, main } = await bundle(project);
  const journal = JSON.parse(readFileSync(join(project, "migrations", "meta", "_journal.json"), "utf8")) as {
    entries: { tag: string }[];
  };
  const migration = journal.entries.at(-1)?.tag ?? "";
  freeze(readFileSync(join(dir, main)), { commit, migration });
  console.log(`The former version is ${git("log", "-1", "--format=%h %cs", commit)}, with migrations to ${migration}.`);
} finally {
  rmSync(project, { recursive: true, force: true });
}
