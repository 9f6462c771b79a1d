/** Requests of the command line to the API. */
import { expect, test } from "vitest";
import { CommandError } from "../../cli/command.ts";
import { callApi } from "../../cli/service.ts";

test("A value that is nested beyond the call stack is told in one sentence, and nothing is sent.", async () => {
  const deep: unknown = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
  await expect(
    callApi({ url: "http://127.0.0.1:9", token: undefined, from: "environment" }, "POST", "/", deep),
  ).rejects.toThrow(new CommandError("the file's value is nested too deeply"));
});
