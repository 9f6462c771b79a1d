import { cpSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bundle, bundle } from "../../dev/stack/bundle.ts";

/** The built product, copied: other builds drop old bundles from their common cache, and a run starts from it to its end. */
export async function ownBundle(): Promise<Bundle & { remove: () => void }> {
  const built = await bundle();
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "hookline-bench-")));
  cpSync(built.dir, dir, { recursive: true });
  return { ...built, dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
