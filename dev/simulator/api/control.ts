/**
 * The `/__` paths, by which tests and scripts drive the simulator and read its ledger. They need no token, so they
 * refuse whatever a browser could send: a Host that is not loopback (a rebound name), an Origin, a cross-site fetch.
 */
import type { IncomingHttpHeaders } from "node:http";
import { OUTCOMES } from "../engine/types.ts";
import type { MihuWorld } from "../engine/world.ts";
import { type Incoming, inputOf, type JsonAnswer } from "../http.ts";
import { isLoopbackHost } from "../loopback.ts";

const FORBIDDEN = plain(403, { message: "The control paths answer no browser and no foreign host." });
const UNKNOWN = plain(404, { message: "There is no such control path." });

/** Answers one control request. */
export function control(world: MihuWorld, incoming: Incoming, headers: IncomingHttpHeaders): JsonAnswer {
  if (!mayControl(headers)) return FORBIDDEN;
  const input = inputOf(incoming.body);
  switch (`${incoming.method} ${incoming.path}`) {
    case "GET /__rings":
      return rings(world, incoming.query);
    case "GET /__faults":
      return plain(200, faultsView(world));
    case "POST /__faults":
      return changeFaults(world, incoming.body);
    case "POST /__reset":
      world.reset({ webhooks: input.webhooks === true });
      return plain(200, { reset: true });
    case "GET /__agents":
      return plain(200, { agents: world.agents.list() });
    case "POST /__agents":
      return addAgent(world, input.id);
    case "POST /__end":
      return endCalls(world, input);
    case "POST /__conversations":
      return addConversation(world, input);
    default:
      return UNKNOWN;
  }
}

function plain(status: number, body: unknown): JsonAnswer {
  return { status, body };
}

function mayControl(headers: IncomingHttpHeaders): boolean {
  const site = headers["sec-fetch-site"];
  // Node's own fetch sends `sec-fetch-mode` but no `sec-fetch-site`; "none" is an address that a person typed.
  return isLoopbackHost(headers.host ?? "") && headers.origin === undefined && (site === undefined || site === "none");
}

function rings(world: MihuWorld, query: URLSearchParams): JsonAnswer {
  const since = query.get("since") ?? "0";
  if (!/^\d{1,9}$/.test(since)) return plain(400, { message: "since is the index of a ring: 0 or more." });
  return plain(200, world.ledger.since(Number(since)));
}

function faultsView(world: MihuWorld) {
  return {
    settings: world.faults.settings(),
    injected: world.faults.injected(),
    webhooks: world.deliveries.counts(),
    live: world.endings.live().length,
  };
}

function changeFaults(world: MihuWorld, body: unknown): JsonAnswer {
  const refusal = world.faults.change(body);
  return refusal === undefined ? plain(200, faultsView(world)) : plain(400, refusal);
}

function addAgent(world: MihuWorld, id: unknown): JsonAnswer {
  if (typeof id !== "string" || id === "") return plain(400, { message: "id must be a string." });
  world.agents.add(id);
  return plain(200, { agents: world.agents.list() });
}

function endCalls(world: MihuWorld, input: Record<string, unknown>): JsonAnswer {
  const outcome = OUTCOMES.find((name) => name === input.outcome);
  if (input.outcome !== undefined && outcome === undefined) {
    return plain(400, { message: `outcome must be one of ${OUTCOMES.join(", ")}.` });
  }
  const ids = typeof input.id === "string" ? [input.id] : world.endings.live();
  return plain(200, { ended: ids.filter((id) => world.endings.end(id, outcome)).length });
}

/**
 * A conversation that no request of Hookline caused: inbound, simulated, of a campaign, or of another system. It ends
 * as others do.
 */
function addConversation(world: MihuWorld, input: Record<string, unknown>): JsonAnswer {
  const { agentId, number } = input;
  if (typeof agentId !== "string" || typeof number !== "string") {
    return plain(400, { message: "agentId and number must be strings." });
  }
  const { conversation, session } = world.conversations.open(
    {
      agentId,
      number,
      at: typeof input.created_at === "number" ? input.created_at : Date.now(),
      ordinal: 0,
      outcome: "completed",
      reuse: false,
    },
    {
      type: typeof input.type === "string" ? input.type : "outbound",
      isSimulation: input.is_simulation === true,
      campaignUuid: typeof input.campaign_uuid === "string" ? input.campaign_uuid : null,
      taskUuids: Array.isArray(input.task_uuids) ? input.task_uuids.filter((uuid) => typeof uuid === "string") : [],
    },
  );
  world.endings.watch(conversation, session);
  return plain(200, { uuid: conversation.uuid, session_uuid: session.uuid, call_uuid: session.callUuid });
}
