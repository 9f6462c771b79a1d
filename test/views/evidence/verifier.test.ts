/** The script of an evidence bundle's page. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { verifierFile, verifierText } from "../../../dev/docs/verifier.ts";

test("the script that bundles get is the one of this code: run `npm run docs`", () => {
  expect(readFileSync(verifierFile, "utf8")).toBe(verifierText());
});
