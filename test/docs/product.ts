/** `npm start` in a directory of its own, as a newcomer starts it, for the commands of the documents. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { root } from "../../cli/local/paths.ts";

/** A start takes some seconds; on a machine with other work, more. */
const startLimitMs = 120_000;
const stopLimitMs = 20_000;

/** The addresses that the documents show. A start takes the next free port if one is in use. */
const shownUrl = "http://127.0.0.1:8787";
const shownSimulator = "http://127.0.0.1:8788";

const addresses = z.looseObject({ url: z.string(), simulatorUrl: z.string() });

export type Product = {
  /** The environment of a shell: nothing of the test's own. */
  readonly env: Readonly<Record<string, string>>;
  /** A text of a document with the addresses of this start. */
  readonly withAddresses: (text: string) => string;
  /** An output of this start with the addresses that documents show. */
  readonly withShownAddresses: (text: string) => string;
  readonly stop: () => Promise<void>;
};

/** Starts the product, and waits until it is ready. */
export async function startProduct(): Promise<Product> {
  const stateDir = mkdtempSync(join(tmpdir(), "hookline-docs-"));
  // An HTTP error fails the command that shows it: curl itself ends with 0.
  writeFileSync(join(stateDir, ".curlrc"), "fail-with-body\n");
  const { PATH = "", HOME = "" } = process.env;
  const env = { PATH, HOME, LANG: "C.UTF-8", HOOKLINE_STATE_DIR: stateDir, CURL_HOME: stateDir };
  const child = spawn("npm", ["start"], { cwd: root, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(child.pid, "SIGTERM");
    const late = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, "SIGKILL"), stopLimitMs);
    await ended;
    clearTimeout(late);
    rmSync(stateDir, { recursive: true, force: true });
  };
  const isReady = new Promise<boolean>((done) => {
    const late = setTimeout(() => done(false), startLimitMs);
    const hear = (part: Buffer): void => {
      said += String(part);
      if (/^Ctrl-C stops/m.test(said)) {
        clearTimeout(late);
        done(true);
      }
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    void ended.then(() => done(false));
  });
  if (!(await isReady)) {
    await stop();
    throw new Error(`npm start did not become ready:\n${said}`);
  }
  const { url, simulatorUrl } = addresses.parse(JSON.parse(readFileSync(join(stateDir, "dev.json"), "utf8")));
  return {
    env,
    withAddresses: (text) => text.replaceAll(shownUrl, url).replaceAll(shownSimulator, simulatorUrl),
    withShownAddresses: (text) => text.replaceAll(url, shownUrl).replaceAll(simulatorUrl, shownSimulator),
    stop,
  };
}

/** A directory that looks like the checkout, for the files that the commands of a page write. */
export function checkoutCopy(): { readonly dir: string; readonly remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), "hookline-page-"));
  for (const name of readdirSync(root))
    if (![".git", ".hookline"].includes(name)) symlinkSync(join(root, name), join(dir, name));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
