/** The agents of the simulated workspace. */
import type { Faults } from "./faults.ts";

/** The first is the example id of the voice API's own page; its last group has 13 digits, so it is no valid UUID. */
export const DEMO_AGENT_IDS = [
  "32d8fc98-be1e-4d32-a12e-146f397fb1cb2",
  "7b1f0c52-4a86-4c1e-9d55-2f0a3e6b9c10",
] as const;

export type Agents = {
  add: (id: string) => void;
  list: () => string[];
  /** Whether a call may name this agent: missing ones never, listed ones always, others when `any_agent` is set. */
  answers: (id: string) => boolean;
};

/** The demonstration agents, and those given. */
export function createAgents(faults: Faults, more: readonly string[]): Agents {
  const known = new Set<string>([...DEMO_AGENT_IDS, ...more]);
  return {
    add: (id) => {
      known.add(id);
    },
    list: () => [...known],
    answers: (id) => {
      const settings = faults.settings();
      return !settings.missing_agents.includes(id) && (settings.any_agent || known.has(id));
    },
  };
}
