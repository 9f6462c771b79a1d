/** Each end of a run's process says why. */
import { spawn } from "node:child_process";
import { expect, test } from "vitest";

const verdict = JSON.stringify(new URL("./verdict.ts", import.meta.url).href);

/** Runs a process whose run is this expression. */
async function ends(run: string, signal?: NodeJS.Signals) {
  const script = `const { endWithVerdict } = await import(${verdict}); endWithVerdict(${run}); console.log("begun");`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: "pipe" });
  const said: string[] = [];
  child.stderr.on("data", (part) => void said.push(String(part)));
  if (signal !== undefined) child.stdout.once("data", () => child.kill(signal));
  const code = await new Promise((done) => child.on("close", done));
  return { code, said: said.join("") };
}

const hour = "new Promise((done) => setTimeout(done, 3_600_000))";

test.each([
  ["with a verdict", "async () => true", 0, /^$/],
  ["with a broken promise", "async () => false", 1, /^$/],
  [
    "because it failed",
    "async () => { throw new Error('no port') }",
    3,
    /^no verdict after \d+ s: the run failed: Error: no port/,
  ],
  [
    "because nobody awaited what failed",
    `async () => { void Promise.reject(new Error('a sender failed')); await ${hour} }`,
    3,
    /^no verdict after \d+ s: unhandledRejection, which nobody caught: Error: a sender failed/,
  ],
  [
    "because nobody caught an error",
    `async () => { setTimeout(() => { throw new Error('a wire broke') }); await ${hour} }`,
    3,
    /^no verdict after \d+ s: uncaughtException, which nobody caught: Error: a wire broke/,
  ],
  ["because nothing is left to wait for", "() => new Promise(() => {})", 3, /^no verdict .* nothing can end/],
])("a run ends %s", async (_, run, code, said) => {
  expect(await ends(run)).toEqual({ code, said: expect.stringMatching(said) });
});

test("a run that is ended from outside says by what", async () => {
  expect(await ends(`async () => { await ${hour} }`, "SIGTERM")).toEqual({
    code: 143,
    said: expect.stringMatching(/^no verdict after \d+ s: ended by SIGTERM/),
  });
});
