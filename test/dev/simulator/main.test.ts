import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parseJson } from "../../../dev/simulator/json.ts";
import { fieldAt, ORDER } from "./client.ts";

const MAIN = fileURLToPath(import.meta.resolve("../../../dev/simulator/main.ts"));
const TOKEN = "token-of-the-environment";

function start(...more: string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, ...more], { env: { ...process.env, SIMULATOR_TOKEN: TOKEN } });
}

describe("the simulator as a process", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "says one line when ready, takes calls, and ends at once on %s",
    async (signal) => {
      const child = start("--port", "0", "--token-env", "SIMULATOR_TOKEN");
      try {
        const [line] = await once(child.stdout ?? child, "data");
        const ready = parseJson(String(line));
        expect(ready).toEqual({ url: expect.any(String), baseUrl: `${fieldAt(ready, "url")}/api/v1` });
        expect(String(line)).not.toContain(TOKEN);
        const reply = await fetch(`${fieldAt(ready, "baseUrl")}/call`, {
          method: "POST",
          headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
          body: JSON.stringify(ORDER),
        });
        expect(reply.status).toBe(200);
        child.kill(signal);
        expect(await once(child, "exit")).toEqual([0, null]);
      } finally {
        child.kill("SIGKILL");
      }
    },
  );

  const BAD: [name: string, options: string[]][] = [
    ["no name of a token", ["--port", "0"]],
    ["a token that is not set", ["--token-env", "SIMULATOR_TOKEN_THAT_IS_NOT_SET"]],
    ["a port that is no number", ["--token-env", "SIMULATOR_TOKEN", "--port", "x"]],
  ];
  test.each(BAD)("refuses %s with a sentence", async (_name, options) => {
    const child = start(...options);
    const [[text], exit] = await Promise.all([once(child.stderr ?? child, "data"), once(child, "exit")]);
    expect(String(text)).toMatch(/^\S.*\.\n$/);
    expect(exit).toEqual([2, null]);
  });
});
