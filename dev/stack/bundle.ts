// The Worker's module, built by wrangler itself, so that tests and benchmarks run the same code as a deployment.
import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { binDir, root } from "../../cli/local/paths.ts";
import { quietWrangler } from "../../cli/wrangler.ts";

/** A built Worker: `main` is the file's name in `dir`, `gzipBytes` the size of an upload. */
export type Bundle = { dir: string; main: string; gzipBytes: number };

const run = promisify(execFile);
const keptBundles = 4;

/**
 * Builds the Worker in `project` (this checkout by default) with `wrangler deploy --dry-run`. The result is cached by the content
 * of its sources: a second call, from any process, costs a few milliseconds. Throws with wrangler's output if the build fails.
 */
export async function bundle(project: string = root): Promise<Bundle> {
  const cache = join(root, "node_modules", ".cache", "hookline");
  const dir = join(cache, `bundle-${contentKey(project)}`);
  if (!existsSync(dir)) {
    mkdirSync(cache, { recursive: true });
    await build(project, dir);
    forgetOld(cache, dir);
  }
  return { dir, main: "index.js", gzipBytes: gzipSync(readFileSync(join(dir, "index.js"))).byteLength };
}

async function build(project: string, dir: string): Promise<void> {
  const half = `${dir}.${randomBytes(4).toString("hex")}`;
  try {
    await run(join(binDir, "node"), [join(binDir, "wrangler"), "deploy", "--dry-run", "--outdir", half], {
      cwd: project,
      env: { ...process.env, ...quietWrangler, CI: "1" },
    });
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    throw new Error(`the Worker does not build:\n${said || String(error)}`);
  }
  try {
    renameSync(half, dir);
  } catch {
    // Another process built the same sources at the same time.
    rmSync(half, { recursive: true, force: true });
  }
}

function contentKey(project: string): string {
  const hash = createHash("sha256");
  const files = ["wrangler.toml", "package-lock.json", "tsconfig.json", ...sources(project)];
  for (const file of files) {
    const path = join(project, file);
    if (existsSync(path)) hash.update(`${file}\0`).update(readFileSync(path)).update("\0");
  }
  // The map beside the bundle names the project's files: another checkout's would mislead.
  return hash.update(project).digest("hex").slice(0, 16);
}

// The Worker also reads the migrations' journal, so that it can name one that has not run.
function sources(project: string): string[] {
  return ["src", "migrations"]
    .flatMap((folder) => {
      if (!existsSync(join(project, folder))) return [];
      const found = readdirSync(join(project, folder), { recursive: true, withFileTypes: true });
      return found
        .filter((each) => each.isFile())
        .map((each) => join(each.parentPath, each.name).slice(project.length + 1));
    })
    .sort();
}

// Keeps a few older builds: another process may still be starting from one.
function forgetOld(cache: string, current: string): void {
  const bundles = readdirSync(cache, { withFileTypes: true })
    .filter((each) => each.isDirectory() && /^bundle-[0-9a-f]{16}$/.test(each.name))
    .map((each) => join(cache, each.name))
    .filter((path) => path !== current);
  const builtAt = (path: string) => statSync(path).mtimeMs;
  const newestFirst = bundles.sort((one, other) => builtAt(other) - builtAt(one));
  for (const path of newestFirst.slice(keptBundles)) rmSync(path, { recursive: true, force: true });
}
