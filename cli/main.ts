// `npm run hookline -- VERB …`: the command line.

import { verifyAudit } from "./audit/verify-audit.ts";
import { verifyReceipt } from "./audit/verify-receipt.ts";
import { type Command, type Io, Said } from "./command.ts";
import { apply } from "./config/apply.ts";
import { diff } from "./config/diff.ts";
import { exportConfig } from "./config/export.ts";
import { mihu } from "./config/mihu.ts";
import { listPresets } from "./config/presets.ts";
import { preview } from "./config/preview.ts";
import { rehearse } from "./config/rehearse.ts";
import { bootstrap } from "./install/bootstrap.ts";
import { capturedSecret } from "./install/captured-secret.ts";
import { doctor } from "./install/doctor.ts";
import { migrateDatabase } from "./install/migrate.ts";
import { reseal, rotateSecret } from "./install/seals.ts";
import { revoke, token, tokens } from "./install/tokens.ts";
import { cancel, release, resolve } from "./operate/decide.ts";
import { erase } from "./operate/erase.ts";
import { pause, resume } from "./operate/pause.ts";
import { rejections, verify } from "./operate/rejections.ts";
import { replay } from "./operate/replay.ts";

const commands: ReadonlyMap<string, Command> = new Map([
  ["apply", apply],
  ["diff", diff],
  ["preview", preview],
  ["rehearse", rehearse],
  ["export", exportConfig],
  ["token", token],
  ["tokens", tokens],
  ["revoke", revoke],
  ["mihu", mihu],
  ["erase", erase],
  ["doctor", doctor],
  ["cancel", cancel],
  ["release", release],
  ["resolve", resolve],
  ["replay", replay],
  ["presets", listPresets],
  ["rotate-secret", rotateSecret],
  ["captured-secret", capturedSecret],
  ["reseal", reseal],
  ["pause", pause],
  ["resume", resume],
  ["verify", verify],
  ["rejections", rejections],
  ["migrate", migrateDatabase],
  ["bootstrap", bootstrap],
  ["verify-audit", verifyAudit],
  ["verify-receipt", verifyReceipt],
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
    if (error instanceof Said) {
      io.say(`hookline ${verb}: ${error.message}`);
      return error.code;
    }
    if (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
      io.say(`hookline ${verb}: ${error.message}\nusage: hookline ${verb} ${command.usage}`);
      return 2;
    }
    throw error;
  }
}

function overview(): string {
  const verbs = [...commands].map(([name, { summary }]) => `  ${name.padEnd(16)}${summary}`).join("\n");
  return `hookline VERB … (each has --help)\n\n${verbs}\n\nThe service is the one that \`npm start\` runs, or HOOKLINE_URL with HOOKLINE_TOKEN.`;
}

if (import.meta.main) {
  // Whoever reads may have read enough: `hookline tokens | head`.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  process.exitCode = await main(process.argv.slice(2), {
    env: process.env,
    out: (text) => void process.stdout.write(`${text}\n`),
    say: (text) => void process.stderr.write(`${text}\n`),
  });
}
