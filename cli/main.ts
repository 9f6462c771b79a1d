// `npm run hookline -- VERB …`: the command line.

import { verifyAuditCommand } from "./audit/verify-audit.ts";
import { verifyReceiptCommand } from "./audit/verify-receipt.ts";
import { type Command, CommandError, type Io } from "./command.ts";
import { applyCommand } from "./config/apply.ts";
import { diffCommand } from "./config/diff.ts";
import { exportCommand } from "./config/export.ts";
import { mihuCommand } from "./config/mihu.ts";
import { presetsCommand } from "./config/presets.ts";
import { previewCommand } from "./config/preview.ts";
import { rehearseCommand } from "./config/rehearse.ts";
import { deliveriesCommand } from "./hooks/deliveries.ts";
import { hooksCommand } from "./hooks/hooks.ts";
import { bootstrapCommand } from "./install/bootstrap.ts";
import { capturedSecretCommand } from "./install/captured-secret.ts";
import { doctorCommand } from "./install/doctor.ts";
import { migrateCommand } from "./install/migrate.ts";
import { resealCommand, rotateSecretCommand } from "./install/seals.ts";
import { revokeCommand, tokenCommand, tokensCommand } from "./install/tokens.ts";
import { callsCommand } from "./operate/calls.ts";
import { cancelCommand, releaseCommand, resolveCommand } from "./operate/decide.ts";
import { eraseCommand } from "./operate/erase.ts";
import { evidenceCommand } from "./operate/evidence.ts";
import { exportListCommand } from "./operate/export-list.ts";
import { fetchNowCommand } from "./operate/fetch-now.ts";
import { findCommand } from "./operate/find.ts";
import { noteCommand } from "./operate/note.ts";
import { pauseCommand, resumeCommand } from "./operate/pause.ts";
import { rejectionsCommand, verifyCommand } from "./operate/rejections.ts";
import { replayCommand } from "./operate/replay.ts";
import { reviewCommand } from "./operate/review.ts";
import { tasksCommand } from "./operate/tasks.ts";

const commands: ReadonlyMap<string, Command> = new Map([
  ["apply", applyCommand],
  ["diff", diffCommand],
  ["preview", previewCommand],
  ["rehearse", rehearseCommand],
  ["export", exportCommand],
  ["token", tokenCommand],
  ["tokens", tokensCommand],
  ["revoke", revokeCommand],
  ["mihu", mihuCommand],
  ["erase", eraseCommand],
  ["doctor", doctorCommand],
  ["cancel", cancelCommand],
  ["release", releaseCommand],
  ["resolve", resolveCommand],
  ["review", reviewCommand],
  ["note", noteCommand],
  ["calls", callsCommand],
  ["find", findCommand],
  ["export-list", exportListCommand],
  ["evidence", evidenceCommand],
  ["hooks", hooksCommand],
  ["deliveries", deliveriesCommand],
  ["replay", replayCommand],
  ["tasks", tasksCommand],
  ["presets", presetsCommand],
  ["rotate-secret", rotateSecretCommand],
  ["captured-secret", capturedSecretCommand],
  ["reseal", resealCommand],
  ["pause", pauseCommand],
  ["resume", resumeCommand],
  ["fetch-now", fetchNowCommand],
  ["verify", verifyCommand],
  ["rejections", rejectionsCommand],
  ["migrate", migrateCommand],
  ["bootstrap", bootstrapCommand],
  ["verify-audit", verifyAuditCommand],
  ["verify-receipt", verifyReceiptCommand],
]);

/** Runs one verb. @returns the exit code */
export async function main(args: readonly string[], io: Io): Promise<number> {
  const [verb, ...rest] = args;
  if (verb === undefined || verb === "help" || verb === "--help" || verb === "-h") {
    io.out(overview());
    return verb === undefined ? 2 : 0;
  }
  const command = commands.get(verb);
  if (command === undefined) {
    io.say(`there is no verb "${verb}"\n\n${overview()}`);
    return 2;
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    io.out(`hookline ${verb} ${command.usage}\n\n${command.summary}\n\n${command.help}`);
    return 0;
  }
  try {
    return await command.run(rest, io);
  } catch (error) {
    if (error instanceof CommandError) {
      io.say(`hookline ${verb}: ${error.message}`);
      return error.code;
    }
    if (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
      const usage = `hookline ${verb} ${command.usage}`.trimEnd();
      io.say(`hookline ${verb}: ${argumentMistake(String(error.code), error.message)}\nusage: ${usage}`);
      return 2;
    }
    throw error;
  }
}

/** Node's sentence about an argument in the words of a command's user. */
function argumentMistake(code: string, message: string): string {
  const [, named = ""] = /'([^']*)'/.exec(message) ?? [];
  const option = named.split(/[ ,]/).find((part) => part.startsWith("--")) ?? named;
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") return `there is no option ${option}`;
  if (code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL") return `"${named}" is an unknown argument`;
  if (message.includes("does not take")) return `${option} takes no value`;
  return `${option} needs a value`;
}

function overview(): string {
  const verbs = [...commands].map(([name, { summary }]) => `  ${name.padEnd(16)}${summary}`).join("\n");
  return `hookline VERB … (each has --help)\n\n${verbs}\n\nThe service is the one that \`npm start\` runs, or HOOKLINE_URL with HOOKLINE_TOKEN.`;
}

if (import.meta.main) {
  // The reader of the pipe may close it early: `hookline tokens | head`.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  process.exitCode = await main(process.argv.slice(2), {
    env: process.env,
    out: (text) => void process.stdout.write(`${text}\n`),
    say: (text) => void process.stderr.write(`${text}\n`),
  });
}
