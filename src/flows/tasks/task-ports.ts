/** Ports that the steps of tasks await. Types only. */
import type { LineObjects } from "../../ports/calling/line-objects.ts";
import type { TaskSteps } from "../../ports/tasks/steps.ts";
import type { StopPorts } from "../calling/stop.ts";
import type { NewestPorts } from "../people/render-newest.ts";
import type { ReplayPorts } from "../planning/prepare-replay.ts";

export type TaskPorts = NewestPorts &
  StopPorts &
  ReplayPorts & { readonly lines: Pick<LineObjects, "recheck" | "poke">; readonly steps: TaskSteps };
