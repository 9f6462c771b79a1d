/** Resumes a line that Mihu's answers paused, once a harmless request with the same token and agent succeeds. */
import { endedByPerson } from "../../domain/reasons.ts";
import type { LinePauses } from "../../ports/calling/line-pauses.ts";
import type { Voice } from "../../ports/calling/voice.ts";

export type ProbePorts = {
  pauses: Pick<LinePauses, "pauseOf" | "resumeLine">;
  voice: Pick<Voice, "probe">;
};

/** @returns Whether the line resumed. */
export async function probePaused(ports: ProbePorts, line: string): Promise<boolean> {
  const state = await ports.pauses.pauseOf(line);
  if (state === null || endedByPerson.includes(state.reason)) return false;
  if (!(await ports.voice.probe(state.agent))) return false;
  return await ports.pauses.resumeLine(line, "probe", false);
}
