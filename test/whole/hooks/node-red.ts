/** Node-RED with a flow, for the test of hooks: installed by npm on first use, run in a directory of its own. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { privateDir, root, stateDir } from "../../../cli/local/paths.ts";
import { guard } from "../../../dev/stack/guard.ts";
import { freePort } from "../../../dev/stack/network.ts";

/** Names the exact versions; not among the project's own packages, because it would add 117 MB to each `npm ci`. */
const packages = join(root, "test", "whole", "hooks", "node-red");

/** The installation downloads 280 packages: 15 s as a rule. */
export const installLimitMs = 240_000;

/** A running Node-RED. */
export type NodeRed = {
  url: string;
  /** Presses the button of an inject node, as its editor does. Returns the status: 404 until the flow has started. */
  press(id: string): Promise<number>;
  /** A value of the flow's context, as the editor's Context sidebar shows it; undefined while there is none. */
  context(flow: string, key: string): Promise<unknown>;
  /** Removes a value of the flow's context, as a restart does. */
  forget(flow: string, key: string): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Installs Node-RED below `.hookline/`, unless it is there already. Installations at the same time do not disturb each other.
 *
 * @returns Its program, or why npm's registry could not be reached. Throws if npm failed otherwise.
 */
export async function installNodeRed(): Promise<{ program: string } | { unreachable: string }> {
  const hash = createHash("sha256").update(readFileSync(join(packages, "package-lock.json")));
  const home = join(privateDir(stateDir), `node-red-${hash.digest("hex").slice(0, 12)}`);
  const program = join(home, "node_modules", "node-red", "red.js");
  if (existsSync(program)) return { program };
  const half = mkdtempSync(`${home}.`);
  try {
    for (const name of ["package.json", "package-lock.json"]) copyFileSync(join(packages, name), join(half, name));
    const unreachable = await npmCi(half);
    if (unreachable !== null) return { unreachable };
    // Another process may have been first; its installation is the same.
    if (!existsSync(program)) renameSync(half, home);
    return { program };
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
}

const noNetwork = /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED)\b/;

/** Gives npm's line about the connection if its registry cannot be reached, and null after an installation. */
async function npmCi(dir: string): Promise<string | null> {
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=1"];
  try {
    await promisify(execFile)("npm", ["ci", `--prefix=${dir}`, ...options], {
      cwd: dir,
      timeout: installLimitMs - 10_000,
    });
    return null;
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : String(error);
    if (noNetwork.test(said)) return said.split("\n").find((line) => line.includes("reason:")) ?? said;
    throw new Error(`Node-RED could not be installed: ${said}`, { cause: error });
  }
}

/**
 * Starts Node-RED with a flow. Only this machine reaches it, and it installs and reports nothing.
 *
 * @param env Gets the address of this Node-RED; gives the variables that the flow reads.
 */
export async function startNodeRed(
  program: string,
  flow: string,
  env: (url: string) => Readonly<Record<string, string>>,
): Promise<NodeRed> {
  const dir = mkdtempSync(join(tmpdir(), "hookline-node-red-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  copyFileSync(flow, join(dir, "flows.json"));
  writeFileSync(
    join(dir, "settings.cjs"),
    `module.exports = ${JSON.stringify({
      uiHost: "127.0.0.1",
      uiPort: port,
      userDir: dir,
      flowFile: "flows.json",
      credentialSecret: randomBytes(16).toString("hex"),
      disableEditor: true,
      telemetry: { enabled: false, updateNotification: false },
      externalModules: { autoInstall: false, palette: { allowInstall: false } },
    })};`,
  );
  const child = spawn(process.execPath, [program, "--settings", join(dir, "settings.cjs"), "--userDir", dir], {
    cwd: dir,
    env: { PATH: process.env.PATH, HOME: dir, ...env(url) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output.push(String(chunk)));
  const gone = new Promise<void>((done) => child.once("close", () => done()));
  const callOff = child.pid === undefined ? () => undefined : guard(child.pid, "KILL");
  return {
    url,
    press: async (id) => {
      failIfEnded(child, output);
      const answer = await fetch(`${url}/inject/${id}`, { method: "POST" }).catch(() => null);
      await answer?.body?.cancel();
      return answer?.status ?? 0;
    },
    context: async (id, key) => {
      failIfEnded(child, output);
      const answer = await fetch(`${url}/context/flow/${id}/${key}`).catch(() => null);
      return answer?.ok === true ? contextValue(JSON.parse(await answer.text())) : undefined;
    },
    forget: async (id, key) => {
      const answer = await fetch(`${url}/context/flow/${id}/${key}`, { method: "DELETE" });
      if (!answer.ok) throw new Error(`Node-RED did not remove ${key}: ${answer.status}`);
    },
    stop: async () => {
      child.kill("SIGKILL");
      await gone;
      callOff();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function failIfEnded(child: ChildProcess, output: readonly string[]): void {
  if (child.exitCode === null && child.signalCode === null) return;
  throw new Error(`Node-RED ended with ${child.signalCode ?? child.exitCode}:\n${output.join("").slice(-2_000)}`);
}

/** Node-RED describes a value as a text and its format, such as `array[3]`. A context without any value is `{}`. */
function contextValue({ msg, format }: { msg?: string; format?: string }): unknown {
  if (msg === undefined || format === undefined || format === "undefined") return undefined;
  return format.startsWith("string") ? msg : JSON.parse(msg);
}
