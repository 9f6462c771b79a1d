import { adminOperations } from "./admin.ts";
import { callOperations } from "./calls.ts";
import { decisionOperations } from "./decisions.ts";
import { hookOperations } from "./hooks.ts";
import type { ApiOperations } from "./operation.ts";
import { peopleOperations } from "./people.ts";
import { sourceOperations } from "./sources.ts";
import { taskOperations } from "./tasks.ts";

/** Every operation of the API. */
export const operations: ApiOperations = {
  ...callOperations,
  ...decisionOperations,
  ...hookOperations,
  ...taskOperations,
  ...peopleOperations,
  ...sourceOperations,
  ...adminOperations,
};
