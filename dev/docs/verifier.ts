/** The script of an evidence bundle's page: `src/views/evidence/verifier.ts` with all that it imports, in one text. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { root } from "../../cli/local/paths.ts";

/** The file that the Worker puts into bundles. */
export const verifierFile = join(root, "src", "views", "evidence", "verifier.json");

/** @returns the file of this version of the code: the script, and its SHA-256 in base64 for a content security policy */
export function verifierText(): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(root, "src", "views", "evidence", "verifier.ts")],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    platform: "browser",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    absWorkingDir: root,
  });
  const [built] = outputFiles;
  if (built === undefined) throw new Error("esbuild built nothing");
  // The text stands in an element of HTML, which `</script` would end.
  const script = built.text.trim().replaceAll("</script", "<\\/script");
  return `${JSON.stringify({ script, sha256: createHash("sha256").update(script).digest("base64") })}\n`;
}
