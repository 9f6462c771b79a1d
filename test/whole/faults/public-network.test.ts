import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

const workerd: { default?: string } & string = createRequire(import.meta.url)("workerd");

/** A Worker that fetches what it is asked for, and answers `inside` itself. */
const worker =
  "export default { async fetch(r) { const u = new URL(r.url).searchParams.get('u'); if (!u) return new Response('inside'); " +
  "try { return new Response('got ' + await (await fetch(u)).text()); } catch { return new Response('refused'); } } }";

/** Workerd's own configuration: the network `public` alone, and beside it one that allows private addresses too. */
const config = (open: number, shut: number) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "shut", worker = .shut), (name = "open", worker = .open),
    (name = "internet", network = (allow = ["public"])), (name = "both", network = (allow = ["public", "private"])) ],
  sockets = [ (name = "s", address = "127.0.0.1:${shut}", http = (), service = "shut"),
    (name = "o", address = "127.0.0.1:${open}", http = (), service = "open") ] );
const shut :Workerd.Worker = ( compatibilityDate = "2026-10-01", compatibilityFlags = ["global_fetch_strictly_public"],
  modules = [ (name = "main.js", esModule = "${worker}") ] );
const open :Workerd.Worker = ( compatibilityDate = "2026-10-01", compatibilityFlags = ["global_fetch_strictly_public"],
  globalOutbound = "both", modules = [ (name = "main.js", esModule = "${worker}") ] );
`;

it("workerd's public network refuses private addresses, and names that resolve to them", async () => {
  const [open, shut] = [20_000 + (process.pid % 20_000), 40_001 + (process.pid % 20_000)];
  const file = join(mkdtempSync(join(tmpdir(), "hookline-network-")), "config.capnp");
  writeFileSync(file, config(open, shut));
  const child = spawn(workerd.default ?? workerd, ["serve", file], { stdio: "ignore" });
  try {
    await expect.poll(() => ask(shut, null).catch(() => null), { timeout: 10_000 }).toBe("inside");
    for (const host of ["127.0.0.1", "localhost"]) {
      expect(await ask(open, `http://${host}:${shut}/`)).toBe("got inside");
      expect(await ask(shut, `http://${host}:${open}/`)).toBe("refused");
    }
    for (const host of ["10.0.0.1", "169.254.169.254", "192.168.0.1", "172.16.0.1"])
      expect(await ask(shut, `http://${host}/`), host).toBe("refused");
  } finally {
    child.kill();
  }
});

async function ask(port: number, url: string | null): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/${url === null ? "" : `?u=${encodeURIComponent(url)}`}`);
  return await answer.text();
}
