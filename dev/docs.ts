// `npm run docs`: writes the documents that come from the code: the tables of README and docs/, the page docs/api.md, the API's
// description (src/http/openapi.json), and the script of evidence bundles (src/views/evidence/verifier.json). `test/docs/generated.test.ts` and `test/http/openapi.test.ts` fail while one is old.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../cli/local/paths.ts";
import { apiPage, apiPageFile } from "./docs/api-page.ts";
import { withTables } from "./docs/generated.ts";
import { verifierFile, verifierText } from "./docs/verifier.ts";
import { openApiDocument, openApiFile, openApiText } from "./openapi/document.ts";

const pages = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)];
for (const page of pages.filter((name) => name.endsWith(".md") && name !== "docs/api.md")) {
  const path = join(root, page);
  const before = readFileSync(path, "utf8");
  const after = withTables(before);
  if (after === before) continue;
  writeFileSync(path, after);
  console.log(`${page} has its tables anew`);
}

writeFileSync(verifierFile, verifierText());
writeFileSync(apiPageFile, apiPage());
writeFileSync(openApiFile, openApiText(openApiDocument()));
