/**
 * Runs a simulator as a process of its own:
 *
 *   node dev/simulator/main.ts --token-env NAME [--port 0] [--seed 1] [--call-ms 3000]
 *
 * The token comes from the environment, so that it stands in no process list. One line of JSON, {url, baseUrl}, says
 * that it is ready; SIGTERM and SIGINT end it.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { startSimulator } from "./index.ts";

const USAGE_EXIT_CODE = 2;

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(USAGE_EXIT_CODE);
}

function integer(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  return /^\d{1,9}$/.test(text) ? Number(text) : fail(`--${name} must be a whole number.`);
}

const { values } = parseArgs({
  options: {
    port: { type: "string" },
    "token-env": { type: "string" },
    seed: { type: "string" },
    "call-ms": { type: "string" },
  },
});
const tokenName = values["token-env"] ?? fail("--token-env must name the environment variable that holds the token.");
const token = process.env[tokenName];

const simulator = await startSimulator({
  port: integer("port", values.port, 0),
  token: token === undefined || token === "" ? fail(`${tokenName} is not set.`) : token,
  seed: integer("seed", values.seed, 1),
  callMs: integer("call-ms", values["call-ms"], 3_000),
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    void simulator.close().then(() => process.exit(0));
  });
}
process.stdout.write(`${JSON.stringify({ url: simulator.url, baseUrl: simulator.baseUrl })}\n`);
