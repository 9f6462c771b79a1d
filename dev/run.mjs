// The first file of every npm script. It runs on whatever Node the machine has (20 or newer), installs the packages
// when they are missing or older than the lock file, and hands over to the Node that the project pins, because
// wrangler needs a newer one than many machines have. Plain JavaScript, and nothing but Node's own modules.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { constants, homedir } from "node:os";
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

const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"];
const environment = withHome();
await install();
const status = await handOver(resolve(root, script), rest);
process.exit(status);

/**
 * The environment of all child processes. npm, wrangler and the browser write below HOME. If that is impossible, they
 * get a home below `.hookline/`.
 */
function withHome() {
  const home = homedir();
  if (isWritable(home)) return process.env;
  const own = join(root, ".hookline", "home");
  console.error(`${home}, the home directory, cannot be written: .hookline/home is used in its place`);
  mkdirSync(own, { recursive: true });
  return { ...process.env, HOME: own, npm_config_cache: join(own, ".npm"), XDG_CONFIG_HOME: "", XDG_CACHE_HOME: "" };
}

/** Whether a file can be made in a directory, which is itself made if only it is missing. Access rights alone do not tell. */
function isWritable(directory) {
  try {
    if (!existsSync(directory)) mkdirSync(directory);
    rmSync(mkdtempSync(join(directory, ".hookline-")), { recursive: true });
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs `npm ci` unless the installed tree belongs to this lock file: npm's own record of it is as new, or it was installed
 * from just these bytes (a checkout touches files without changing them). On failure nothing is cleaned up here: npm
 * removes its record before anything else and writes it last, so a half-made tree is never taken for a whole one.
 */
async function install() {
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
  const seconds = () => Math.round((Date.now() - began) / 1000);
  const progress = setInterval(() => console.error(`  still installing, ${seconds()} s`), 20_000);
  const code = await npmCi();
  clearInterval(progress);
  if (code !== 0) {
    console.error("npm ci failed; its own messages are above");
    process.exit(1);
  }
  writeFileSync(stamp, hash);
  console.error(`packages installed in ${seconds()} s`);
}

/**
 * Runs `npm ci` in its own process group: a signal first ends all of it, and only then this process. An interrupted npm
 * rolls back for a while, and another start in that time would find a tree that disappears.
 * @returns Its exit code.
 */
function npmCi() {
  const isWindows = process.platform === "win32";
  return new Promise((done) => {
    let ended;
    // Registered before npm starts: an earlier signal would end this process alone.
    for (const signal of endingSignals) process.once(signal, end);
    // Its output goes to stderr: stdout belongs to the script.
    const npm = spawn("npm", ["ci", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error"], {
      cwd: root,
      stdio: ["ignore", 2, 2],
      env: { ...environment, NODE_ENV: "" },
      shell: isWindows,
      detached: !isWindows,
    });
    function end(signal) {
      ended ??= signal;
      if (npm.pid === undefined || isWindows) npm.kill("SIGKILL");
      else process.kill(-npm.pid, "SIGKILL");
    }
    npm.on("error", (error) => {
      console.error(`npm could not be started: ${error.message}`);
      done(1);
    });
    npm.on("close", (code) => {
      for (const signal of endingSignals) process.off(signal, end);
      if (ended !== undefined) {
        console.error("the installation was stopped; the next start begins it anew");
        process.exit(128 + constants.signals[ended]);
      }
      done(code ?? 1);
    });
  });
}

/** Runs the script on the pinned Node; gives its exit code, or 128 + n when signal n ended it. */
function handOver(file, args) {
  return new Promise((done) => {
    const child = spawn(nodePath(), [file, ...args], {
      stdio: "inherit",
      env: { ...environment, PATH: `${bin}${delimiter}${process.env.PATH ?? ""}` },
    });
    // Ctrl-C in a terminal reaches the child by itself as well; what is run here takes the same signal twice.
    let passedOn = false;
    const end = (signal) => {
      passedOn = true;
      child.kill(signal);
    };
    for (const signal of endingSignals) process.on(signal, end);
    endWithNpm(end);
    child.on("error", (error) => {
      console.error(`${nodePath()} could not be started: ${error.message}`);
      done(1);
    });
    child.on("exit", (code, signal) => {
      // A process that the system kills, for example for its memory, prints nothing itself.
      if (signal !== null && !passedOn) console.error(`${script} was ended by ${signal}, from outside`);
      done(code ?? 128 + (constants.signals[signal ?? "SIGTERM"] ?? 15));
    });
  });
}

/** Ends the child if npm (or its shell), which started this process, was killed: nothing else would end it. */
function endWithNpm(end) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    end("SIGTERM");
  }, 1000);
  watch.unref();
}

function nodePath() {
  return join(bin, process.platform === "win32" ? "node.cmd" : "node");
}

function modified(path) {
  return statSync(path).mtimeMs;
}
