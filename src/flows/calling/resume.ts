/** A line that Mihu's answers paused resumes when a harmless question with the same token and agent is answered well. */
import { endedByPerson } from "../../domain/reasons.ts";
import type { CallStore } from "../../ports/calling/line.ts";
import type { Voice } from "../../ports/calling/voice.ts";

/** @returns whether the line goes on. */
export async function probePaused(ports: { calls: CallStore; voice: Voice }, line: string): Promise<boolean> {
  const state = await ports.calls.pauseOf(line);
  if (state === null || endedByPerson.includes(state.reason)) return false;
  if (!(await ports.voice.probe(state.agent))) return false;
  return await ports.calls.resumeLine(line, "probe", false);
}
