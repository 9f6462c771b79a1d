import { spawn } from "node:child_process";
import { join } from "node:path";
import { binDir, root } from "./local/paths.ts";

/** Environment for every run of wrangler: no questions, no reports, no log files, no update check. */
export const quietWrangler = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_WRITE_LOGS: "false",
  WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
  NO_UPDATE_NOTIFIER: "1",
} as const;

const limitMs = 60_000;
const textCharactersMax = 2_000;

/** Runs wrangler non-interactively. @returns its exit code, the end of its output, and `stdout` alone for data */
export async function wrangler(
  args: readonly string[],
  input = "",
): Promise<{ code: number; text: string; stdout: string }> {
  return await new Promise((done) => {
    const child = spawn(join(binDir, "node"), [join(binDir, "wrangler"), ...args], {
      cwd: root,
      env: { ...process.env, ...quietWrangler, CI: "1", NO_COLOR: "1" },
      stdio: ["pipe", "pipe", "pipe"],
      timeout: limitMs,
    });
    let stdout = "";
    let text = "";
    child.stdout.on("data", (part) => {
      stdout += String(part);
      text += String(part);
    });
    child.stderr.on("data", (part) => {
      text += String(part);
    });
    child.on("error", (error) => done({ code: 1, text: error.message, stdout: "" }));
    child.on("close", (code) => done({ code: code ?? 1, text: text.trim().slice(-textCharactersMax), stdout }));
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}
