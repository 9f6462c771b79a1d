/** All parts of one simulated workspace, put together. */
import { type Agents, createAgents } from "./agents.ts";
import { type Conversations, createConversations } from "./conversations.ts";
import { createDeliveries, type Deliveries } from "./deliver.ts";
import { createEndings, type Endings } from "./ending.ts";
import { createFaults, type Faults } from "./faults.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import type { Settings } from "./settings.ts";
import { createTimers, type Timers } from "./timers.ts";
import { createRegistrations, type Registrations } from "./webhooks.ts";

export type MihuWorld = {
  faults: Faults;
  agents: Agents;
  ledger: Ledger;
  conversations: Conversations;
  registrations: Registrations;
  deliveries: Deliveries;
  endings: Endings;
  /** Timers of delayed responses. A reset keeps them, so that no connection stays open for ever. */
  answerTimers: Timers;
  /** Grows with each reset; a request that waited over one must not ring in the new ledger. */
  generation: () => number;
  reset: (also: { webhooks: boolean }) => void;
  /** Stops all timers and deliveries. */
  stop: () => void;
};

/**
 * @param initial settings that hold at start and after each reset
 * @param agentIds agents known besides the demonstration's
 */
export function createWorld(initial: Partial<Settings>, agentIds: readonly string[]): MihuWorld {
  const faults = createFaults(initial);
  const timers = createTimers();
  const answerTimers = createTimers();
  const ledger = createLedger();
  const conversations = createConversations();
  const registrations = createRegistrations();
  const deliveries = createDeliveries(faults, registrations, timers);
  const endings = createEndings(faults, timers, deliveries);
  let generation = 0;

  function reset(also: { webhooks: boolean }): void {
    generation++;
    timers.clear();
    deliveries.forget();
    endings.clear();
    conversations.clear();
    ledger.clear();
    faults.reset();
    if (also.webhooks) registrations.clear();
  }

  return {
    faults,
    agents: createAgents(faults, agentIds),
    ledger,
    conversations,
    registrations,
    deliveries,
    endings,
    answerTimers,
    generation: () => generation,
    reset,
    stop: () => {
      generation++;
      timers.clear();
      answerTimers.clear();
      deliveries.close();
    },
  };
}
