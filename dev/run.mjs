// The first file of every npm script. It runs on whatever Node the machine has (20 or newer), installs the packages
// when they are missing or older than the lock file, and hands over to the Node that the project pins, because
// wrangler needs a newer one than many machines have. Plain JavaScript, and nothing but Node's own modules.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
const bin = join(modules, ".bin");
const [script, ...rest] = process.argv.slice(2);
if (script === undefined) {
  console.error("usage: node dev/run.mjs <file.ts> [arguments]");
  process.exit(2);
}

install();
const status = await handOver(resolve(root, script), rest);
process.exit(status);

/**
 * Runs `npm ci` unless the installed tree belongs to this lock file: npm's own record of it is as new, or it was installed
 * from just these bytes (a checkout touches files without changing them). On failure nothing is cleaned up here: npm
 * removes its record before anything else and writes it last, so a half-made tree is never taken for a whole one.
 */
function install() {
  const lock = join(root, "package-lock.json");
  const installed = join(modules, ".package-lock.json");
  const stamp = join(modules, ".hookline-lock");
  const hash = createHash("sha256").update(readFileSync(lock)).digest("hex");
  if (existsSync(installed) && existsSync(nodePath())) {
    if (modified(installed) >= modified(lock)) return;
    if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return;
    console.error("the packages are older than package-lock.json");
  } else {
    console.error("no packages yet");
  }
  if (existsSync(modules) && lstatSync(modules).isSymbolicLink()) {
    console.error("node_modules is a link to somebody else's packages: install them there, or remove the link");
    process.exit(1);
  }
  console.error("installing them with npm ci (a minute or two, once) …");
  const began = Date.now();
  // Its output goes to stderr: what a script prints on stdout is that script's alone.
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=http"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    env: { ...process.env, NODE_ENV: "" },
    shell: process.platform === "win32",
  });
  if (npm.error) console.error(`npm could not be started: ${npm.error.message}`);
  if (npm.status !== 0) {
    console.error("npm ci failed; its own messages are above");
    process.exit(1);
  }
  writeFileSync(stamp, hash);
  console.error(`packages installed in ${Math.round((Date.now() - began) / 1000)} s`);
}

/** Runs the script on the pinned Node; gives its exit code, or 128 + n when signal n ended it. */
function handOver(file, args) {
  return new Promise((done) => {
    const child = spawn(nodePath(), [file, ...args], {
      stdio: "inherit",
      env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ""}` },
    });
    // Ctrl-C in a terminal reaches the child by itself as well; what is run here takes the same signal twice.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
    endWithNpm(child);
    child.on("error", (error) => {
      console.error(`${nodePath()} could not be started: ${error.message}`);
      done(1);
    });
    child.on("exit", (code, signal) => done(code ?? 128 + (constants.signals[signal ?? "SIGTERM"] ?? 15)));
  });
}

/** Ends the child if npm (or its shell), which started this process, was killed: nothing else would end it. */
function endWithNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill("SIGTERM");
  }, 1000);
  watch.unref();
}

function nodePath() {
  return join(bin, process.platform === "win32" ? "node.cmd" : "node");
}

function modified(path) {
  return statSync(path).mtimeMs;
}
