import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jsonAtEnd, jsonDifferences, showsOutput } from "./compare.ts";
import { blocksOf, pages, pageText } from "./page.ts";
import { checkoutCopy, type Product, startProduct } from "./product.ts";
import { openShell } from "./shell.ts";
import { type Step, stepsOf, whyNotRun } from "./steps.ts";

// The commands of README and docs/, in one shell session for each page, against one `npm start`.

/** How many blocks of a page cannot be run here, by what they need. Every other block is run. */
const notRun: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "docs/deploy.md": {
    "needs a Cloudflare account": 6,
    "needs a Postgres of yours": 1,
    "needs a token of Mihu, and rings real phones": 1,
  },
};

/** A page takes some seconds, and more beside the other tests. */
const pageLimitMs = 180_000;

let product: Product;
beforeAll(async () => {
  for (const program of ["bash", "curl", "openssl"])
    if (spawnSync(program, ["--version"]).error) throw new Error(`the commands of the documents need ${program}`);
  product = await startProduct();
}, 150_000);
afterAll(() => product?.stop());

test.each(pages)(
  "every command of %s does what the page says",
  async (page) => {
    const steps = stepsOf(pageText(page));
    const checkout = checkoutCopy();
    const shell = openShell(checkout.dir, product.env);
    try {
      for (const step of steps) {
        const script = product.withAddresses(step.script);
        const { code, output } = await (step.shown === null ? shell.run(script) : shell.ask(script));
        const wrong = mistakeOf(step, code, product.withShownAddresses(output));
        if (wrong !== null) expect.fail(`${page}:${step.line}: ${wrong}`);
      }
    } finally {
      shell.close();
      checkout.remove();
    }
  },
  pageLimitMs,
);

test("only the blocks that need what no test has are not run", () => {
  const counted = Object.fromEntries(
    pages.flatMap((page) => {
      const reasons = blocksOf(pageText(page)).flatMap((block) => whyNotRun(block) ?? []);
      const counts = Object.groupBy(reasons, (reason) => reason);
      const entries = Object.entries(counts).map(([reason, all]) => [reason, all?.length]);
      return entries.length === 0 ? [] : [[page, Object.fromEntries(entries)]];
    }),
  );
  expect(counted).toEqual(notRun);
});

/** What is wrong with the end of a step; null if it is the one that the page shows. */
function mistakeOf({ script, shown, json }: Step, code: number, output: string): string | null {
  if (shown !== null && shown.length > 0)
    return showsOutput(shown, output)
      ? null
      : `the page shows another output than that of\n$ ${script}\n--- shown\n${shown.join("\n")}\n--- is\n${output}`;
  if (code !== 0) return `ended with ${code}:\n${script}\n--- printed\n${output}`;
  if (json === undefined) return null;
  const differences = jsonDifferences(json, jsonAtEnd(output));
  return differences.length === 0
    ? null
    : `the page shows another answer:\n${differences.join("\n")}\n--- is\n${output.slice(-4000)}`;
}
