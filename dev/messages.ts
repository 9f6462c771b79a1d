// `npm run messages`: every text that a person can read in the product. Codes come first, then the texts of each file, in the order of
// their lines. Read it from top to bottom after a change of texts.
import { callReasons } from "../src/domain/call-reasons.ts";
import { hookReasons } from "../src/domain/hook-reasons.ts";
import { problemReasons } from "../src/domain/problem-reasons.ts";
import { textsOfProduct } from "./messages/product.ts";

/** Prints one table: its title, then each code with its texts. */
function table(title: string, rows: readonly (readonly [code: string, ...texts: readonly (string | null)[]])[]): void {
  console.log(`\n== ${title}`);
  for (const [code, ...texts] of rows)
    console.log(
      `${code}: ${texts.map((text, index) => (text === null ? "" : `${index === 0 ? "" : "→ "}${text}`)).join(" ")}`,
    );
}

table(
  "Reasons of events and calls: what happened → what to do next",
  Object.entries(callReasons).map(([code, { what, next }]) => [code, what, next]),
);
table(
  "Reasons of hooks and deliveries: what happened → what to do next",
  Object.entries(hookReasons).map(([code, { what, next }]) => [code, what, next]),
);
table(
  "Problems of /readyz and paused lines: what happened → what to do next",
  Object.entries(problemReasons).map(([code, { severity, what, next }]) => [`${code} (${severity})`, what, next]),
);
for (const [path, texts] of textsOfProduct()) {
  console.log(`\n== ${path}`);
  for (const { line, name, text } of texts) console.log(`${line}${name === null ? "" : ` ${name}`}: ${text}`);
}
