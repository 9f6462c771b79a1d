// `npm run check`: what can be known in seconds, without a database.
import { lint, runSteps, types, unit } from "./steps.ts";

process.exitCode = await runSteps([lint, types, unit]);
