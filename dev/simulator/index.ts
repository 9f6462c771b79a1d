/**
 * The Mihu simulator: a stand-in for the voice API with its paths, envelopes and errors, that rings nobody and keeps a
 * ledger of whom it would have rung. Loopback only; never part of what is deployed.
 *
 * The voice API, below `/api/v1`, with `Authorization: Bearer <token>`:
 *   POST /call · GET /conversations[/{uuid}[/sessions|/messages]] · GET /contacts · GET /agents
 *   GET|POST /agents/{uuid}/webhooks, PATCH|DELETE /agents/{uuid}/webhooks/{uuid} · POST /calls/action/{uuid}/{say|hangup|mute|forward}
 *
 * Outcome webhooks are signed with the webhook's `secret_key`: `X-Mihu-Signature: sha256=<HMAC-SHA256 hex of the body>`.
 *
 * The control paths, without token, for loopback hosts and no browser:
 *
 *   GET  /__rings?since=<index>   { rings: [Ring], next }: the ledger from an index on, oldest first
 *   POST /__faults { … }          merges settings; 400 with the known names when one is unknown or wrong. Lists and tables replace
 *   GET  /__faults                { settings, injected: { <fault>: count }, webhooks: { sent, delivered, failed }, live }
 *   POST /__reset { webhooks? }   empties ledger and conversations, settings as at start; registered webhooks stay unless `webhooks: true`
 *   POST /__end { id?, outcome? } ends one live call (by its id), or all, now; → { ended: count }
 *   POST /__agents { id }, GET /__agents
 *   POST /__conversations { agentId, number, created_at?, type?, is_simulation?, campaign_uuid?, task_uuids? }
 *                                 a conversation that is not ours (nobody is rung): for adoption tests. created_at is epoch ms
 *
 * Settings (ms are milliseconds; a span is a number or { min, max }; a rate is 0 to 1):
 *
 *   seed                  integer; setting it starts the draws again. The n-th call draws the same fate whatever the order of requests
 *   next                  queue of faults for the next POST /call requests, before any rate: names, "none", or { fault, hang_ms?, retry_after_s? }
 *   <fault of a call>     a rate; all together at most 1. Ring nobody: before_307, before_401, before_402, before_403, before_404,
 *                         before_409, before_422, before_429, before_500, before_503, drop_before, hang_before (503 after hang_ms).
 *                         Ring: after_500, after_503, drop_after, hang_after (2xx after hang_ms), unreadable (2xx that is not JSON),
 *                         truncated (2xx cut off), no_uuid, initiated_shape (the older answer), initiated_bare (that, without envelope)
 *   latency_ms            span before the ring;  answer_latency_ms: span between ring and answer
 *   read_latency_ms       before the answer to everything else below /api/v1
 *   hang_ms               40000;  retry_after_s: 2
 *   call_ms               span; how long a call lasts;  outcome_ms: { <outcome>: span } wins over it
 *   outcomes              weights of completed, no_answer, busy, failed, canceled, voicemail, never (no end, no webhook)
 *   webhook_double, webhook_lost, webhook_shuffle (the end's events in reverse), webhook_late (which of them are late by
 *                         webhook_late_ms, a span; default all): rates
 *   webhook_retry_ms      waits before each further try of a webhook that was not answered with 2xx
 *   list_500              rate at which GETs of lists fail
 *   token_revoked         true: everything below /api/v1 answers 401
 *   any_agent             true (default): any agent id is known;  missing_agents: ids that are 404 in any case
 *   reuse_conversations   true (default): further calls of an agent to a number join its conversation
 *   prompt_required       true (default): a call without prompt is 422
 *
 * Faults are used up, in order, by requests that Mihu itself would have accepted: a wrong token, an invalid body and an
 * unknown agent are answered first and use none.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createSimulatorServer } from "./api/server.ts";
import type { Settings, SettingsChange } from "./engine/settings.ts";
import type { Post, Ring } from "./engine/types.ts";
import { MEDIA_ORIGIN } from "./engine/views.ts";
import { createWorld } from "./engine/world.ts";

/** The host of the recordings that its answers name. */
export const simulatorMediaHost = new URL(MEDIA_ORIGIN).hostname;

const TOKEN_BYTES = 32;

type SimulatorOptions = {
  /** 0, the default, takes a free one. */
  port?: number;
  /** Random when absent. */
  token?: string;
  seed?: number;
  /** Duration of a call in milliseconds. */
  callMs?: number;
  host?: "127.0.0.1";
  /** Agents known besides the demonstration's. */
  agents?: readonly string[];
  /** Whether any other agent id is known as well; true when absent. */
  anyAgent?: boolean;
};

export type Simulator = {
  /** The origin, without a slash at its end. */
  url: string;
  /** The value for `MIHU_BASE_URL`. */
  baseUrl: string;
  token: string;
  agentIds: string[];
  /** Copies of the whole ledger, oldest first. */
  rings: () => Ring[];
  /** Copies of all requests that could have rung, with their faults. */
  posts: () => Post[];
  /** Number of injections of each fault. */
  injected: () => Record<string, number>;
  /** Merges settings; throws with the reasons when one is unknown or wrong. */
  setFaults: (change: SettingsChange) => void;
  /** The same as `POST /__reset` with `{}`. */
  reset: () => void;
  close: () => Promise<void>;
};

/**
 * Starts a simulator; resolves once it listens.
 *
 * @throws when the port is taken
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const token = options.token ?? randomBytes(TOKEN_BYTES).toString("base64url");
  const world = createWorld(initialSettings(options), options.agents ?? []);
  const server = createSimulatorServer(world, token);
  const host = options.host ?? "127.0.0.1";
  server.listen(options.port ?? 0, host);
  await once(server, "listening");
  const url = `http://${host}:${tcpPort(server.address())}`;

  return {
    url,
    baseUrl: `${url}/api/v1`,
    token,
    agentIds: world.agents.list(),
    rings: () => world.ledger.since(0).rings,
    posts: () => world.ledger.posts(),
    injected: () => world.faults.injected(),
    setFaults: (change) => {
      const refusal = world.faults.change(change);
      if (refusal !== undefined) throw new Error(`${refusal.message} ${JSON.stringify(refusal.errors)}`);
    },
    reset: () => world.reset({ webhooks: false }),
    close: async () => {
      world.stop();
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function initialSettings(options: SimulatorOptions): Partial<Settings> {
  return {
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.callMs === undefined ? {} : { call_ms: options.callMs }),
    ...(options.anyAgent === undefined ? {} : { any_agent: options.anyAgent }),
  };
}

function tcpPort(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("The server listens on no TCP port.");
  return address.port;
}
