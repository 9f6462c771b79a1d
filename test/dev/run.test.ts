/** The first file of every npm script, with an npm of the test's own in the path: what it installs is not asked here. */
import { spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "hookline-run-"));
  mkdirSync(join(root, "dev"));
  mkdirSync(join(root, "bin"));
  copyFileSync(new URL("../../dev/run.mjs", import.meta.url), join(root, "dev/run.mjs"));
  writeFileSync(join(root, "package-lock.json"), "{}");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Starts run.mjs with an npm that is this shell script. */
function run(npm: string, env: Record<string, string> = {}) {
  writeFileSync(join(root, "bin/npm"), `#!/bin/sh\n${npm}\n`);
  chmodSync(join(root, "bin/npm"), 0o755);
  const child = spawn(process.execPath, [join(root, "dev/run.mjs"), "dev/none.ts"], {
    env: { ...process.env, PATH: `${join(root, "bin")}${delimiter}${process.env.PATH}`, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said: string[] = [];
  child.stderr.on("data", (part) => void said.push(String(part)));
  const ended = new Promise<{ code: number | null; said: string }>((done) =>
    child.on("close", (code) => done({ code, said: said.join("") })),
  );
  return { child, ended };
}

/** The content of a file below the root, once it is there. */
async function written(name: string): Promise<string> {
  const path = join(root, name);
  const watcher = watch(root);
  try {
    while (!existsSync(path)) await new Promise((done) => watcher.once("change", done));
    return readFileSync(path, "utf8").trim();
  } finally {
    watcher.close();
  }
}

/** A process that has ended and was not yet waited for runs no more. */
const isAlive = (pid: string): boolean => {
  const path = `/proc/${pid}/stat`;
  return existsSync(path) && !/\) Z /.test(readFileSync(path, "utf8"));
};

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s during the installation ends npm and what npm started, and then this process",
  async (signal) => {
    const { child, ended } = run(`trap '' INT TERM; sleep 300 & echo $! > ${root}/child.tmp; echo $$ > ${root}/npm.tmp
    mv ${root}/npm.tmp ${root}/npm.pid; mv ${root}/child.tmp ${root}/child.pid; wait`);
    const pids = [await written("npm.pid"), await written("child.pid")];
    child.kill(signal);
    const { code, said } = await ended;
    expect(code).toBe(signal === "SIGINT" ? 130 : 143);
    expect(said).toContain("the installation was stopped; the next start begins it anew");
    // A killed process ends some time after its signal. A process that was not killed would sleep for five minutes.
    await expect.poll(() => pids.filter(isAlive), { timeout: 10_000 }).toEqual([]);
  },
);

test("A HOME that cannot be written is said in the first line, and npm gets another one.", async () => {
  const { ended } = run(`echo "$HOME $npm_config_cache" > ${root}/home; exit 1`, { HOME: "/dev/null/nobody" });
  const { code, said } = await ended;
  expect(code).toBe(1);
  expect(said.split("\n")[0]).toBe(
    "/dev/null/nobody, the home directory, cannot be written: .hookline/home is used in its place",
  );
  expect(await written("home")).toBe(`${root}/.hookline/home ${root}/.hookline/home/.npm`);
});

test("What npm says is shown where it fails, and a HOME that can be written stays.", async () => {
  const { ended } = run('echo "npm error code E404 $HOME" >&2; exit 1', { HOME: root });
  const { code, said } = await ended;
  expect([code, said.includes(`npm error code E404 ${root}`), said.includes("npm ci failed")]).toEqual([1, true, true]);
});

test("A script that is killed from outside is named with its signal.", async () => {
  mkdirSync(join(root, "node_modules/.bin"), { recursive: true });
  writeFileSync(join(root, "node_modules/.package-lock.json"), "{}");
  writeFileSync(join(root, "node_modules/.bin/node"), "#!/bin/sh\nkill -9 $$\n", { mode: 0o755 });
  const { code, said } = await run("exit 1").ended;
  expect([code, said]).toEqual([137, "dev/none.ts was ended by SIGKILL, from outside\n"]);
});
