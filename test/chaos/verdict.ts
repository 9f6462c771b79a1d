/**
 * The end of a run's process: a verdict, or a reason on stderr why there is none.
 *
 * | code    | means                                                                    |
 * | ------- | ------------------------------------------------------------------------ |
 * | 0, 1    | every promise was kept; one was broken                                    |
 * | 3       | no verdict: the run failed, an error was caught by nobody, or it stood still |
 * | 128 + n | no verdict: the signal n ended the run                                    |
 *
 * Not guaranteed: SIGKILL leaves no time for a reason. `dev/run.mjs` prints one.
 */
import { constants } from "node:os";
import process from "node:process";

const noVerdict = 3;
const signals = ["SIGHUP", "SIGINT", "SIGTERM"] as const;

/** @param run resolves with whether every promise was kept */
export function endWithVerdict(run: () => Promise<boolean>): void {
  const began = performance.now();
  const end = (why: string, code: number, ...errors: unknown[]): never => {
    console.error(`no verdict after ${((performance.now() - began) / 1_000).toFixed(0)} s: ${why}`, ...errors);
    process.exit(code);
  };
  process.on("uncaughtException", (error, origin) => end(`${origin}, which nobody caught:`, noVerdict, error));
  // Only an event loop with nothing to wait for comes here: a promise of the run can never settle.
  process.on("beforeExit", () => end("the run waits for something that nothing can end", noVerdict));
  for (const signal of signals)
    process.on(signal, () => end(`ended by ${signal}`, 128 + (constants.signals[signal] ?? 0)));
  run().then(
    (kept) => process.exit(kept ? 0 : 1),
    (error: unknown) => end("the run failed:", noVerdict, error),
  );
}
