/** One shell session, in which the commands of a page run one after the other. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";

/** No command of a document takes longer. An audit entry is sealed within 20 s, for which one command waits. */
const commandLimitMs = 60_000;

type Ran = { readonly code: number; readonly output: string };

export type Shell = {
  /** Runs a piece of script until its first command that fails, which ends the session. Gives its exit code with all that it printed. */
  readonly run: (script: string) => Promise<Ran>;
  /** Runs one command, which may fail. */
  readonly ask: (command: string) => Promise<Ran>;
  readonly close: () => void;
};

/** Starts a shell that reads its commands like that of a person: variables and functions of one command are there for the next. */
export function openShell(dir: string, env: Readonly<Record<string, string>>): Shell {
  const bash = spawn("bash", ["--noprofile", "--norc"], { cwd: dir, env, stdio: ["pipe", "pipe", "inherit"] });
  let heard = "";
  let onOutput = (): void => {};
  let onEnd = (_: number): void => {};
  bash.once("close", (code) => onEnd(code ?? 1));
  bash.stdin.on("error", () => undefined);
  bash.stdout.on("data", (part) => {
    heard += String(part);
    onOutput();
  });
  bash.stdin.write("exec 2>&1\nset -o pipefail\n");
  const execute = async (script: string): Promise<Ran> => {
    const mark = `end-${randomUUID()}`;
    heard = "";
    return await new Promise<Ran>((done, fail) => {
      const late = setTimeout(() => {
        fail(new Error(`no end after ${commandLimitMs / 1000} s:\n${script}\n${heard}`));
      }, commandLimitMs);
      onEnd = (code) => {
        clearTimeout(late);
        done({ code, output: heard });
      };
      onOutput = () => {
        const end = new RegExp(`\\n${mark} (\\d+)\\n$`).exec(heard);
        if (end === null) return;
        clearTimeout(late);
        done({ code: Number(end[1]), output: heard.slice(0, end.index) });
      };
      bash.stdin.write(`{\n${script}\n} < /dev/null\nprintf '\\n%s %s\\n' ${mark} $?\n`);
    });
  };
  return {
    run: (script) => execute(`set -e\n${script}\nset +e`),
    ask: execute,
    close: () => void bash.kill(),
  };
}
