// `npm test`: everything.
import { deployable, lint, runSteps, types, unit, whole } from "./steps.ts";

process.exitCode = await runSteps([lint, types, unit, deployable, whole]);
