import { cpSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bundle, bundle } from "../../dev/stack/bundle.ts";

/** A copy of the built product: other builds drop old bundles from the common cache while a run still uses this one. */
export async function ownBundle(): Promise<Bundle & { remove: () => void }> {
  const built = await bundle();
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "hookline-bench-")));
  cpSync(built.dir, dir, { recursive: true });
  return { ...built, dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
