// `hookline doctor`: prints problems of an installation, each with the next step.
import { parseArgs } from "node:util";
import type { Command } from "../command.ts";
import { CommandError } from "../command.ts";
import { findService } from "../service.ts";
import { checkAudit, checkLines, checkReadiness, checkSources, checkTokens } from "./doctor-service.ts";
import { checkNode, checkSecretNames, checkWranglerToml, type SetupFinding } from "./doctor-setup.ts";

const words = { good: "ok   ", warning: "warn ", wrong: "WRONG" } as const;

export const doctorCommand: Command = {
  usage: "[--production]",
  summary: "check the installation and the service, and say what to mend",
  help: `Looks at this machine, wrangler.toml, and the running service: Postgres, migrations, tokens,
lines, sources. Ends with 1 when something is wrong.

  --production   also ask wrangler about the Worker's secrets and Hyperdrive's caching
                 (the default when HOOKLINE_URL is set)`,
  async run(args, io) {
    const { values } = parseArgs({ args, options: { production: { type: "boolean" } } });
    const production = values.production ?? Boolean(io.env.HOOKLINE_URL);
    let wrong = 0;
    const tell = (findings: readonly SetupFinding[]) => {
      for (const { state, text } of findings) {
        if (state === "wrong") wrong++;
        io.out(`${words[state]}  ${text}`);
      }
    };
    tell(checkNode(process.versions.node));
    tell(await checkWranglerToml(production));
    if (production) tell(await checkSecretNames());
    try {
      const service = findService(io);
      const { reachable, authorized, findings } = await checkReadiness(service);
      tell(findings);
      if (reachable && authorized)
        for (const check of [checkTokens, checkLines, checkSources, checkAudit]) tell(await check(service, Date.now()));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      tell([{ state: "wrong", text: error.message }]);
    }
    io.say(wrong === 0 ? "nothing is wrong" : `${wrong} ${wrong === 1 ? "thing is" : "things are"} wrong`);
    return wrong === 0 ? 0 : 1;
  },
};
