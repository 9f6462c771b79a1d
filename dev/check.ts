// `npm run check`: all checks that need no database. It takes seconds.
import { lint, runSteps, types, unit } from "./steps.ts";

process.exitCode = await runSteps([lint, types, unit]);
