/**
 * Connect: registers the webhook of a line's agent with Mihu. This is idempotent: it creates a missing webhook,
 * corrects a webhook that differs, and leaves a correct webhook.
 *
 * A new key and its secret are stored before Mihu gets them. Old and new are both valid until Mihu has answered, so no
 * webhook is rejected meanwhile. If Mihu's answer is lost, the next connect finds the new key at Mihu.
 *
 * | Mihu has for the agent                         | action                                        |
 * | ---------------------------------------------- | --------------------------------------------- |
 * | our URL with a key of this line, all as wanted | none: `kept`                                  |
 * | the same, with other events or inactive        | corrected: `changed`                          |
 * | our URL with a key that no line has            | gets a new key and secret: `changed`          |
 * | no webhook of ours                             | created: `created`                            |
 * | any of these, and a new key is requested       | a new key and secret: `rotated`, or `created` |
 *
 * Not detected: a secret that was changed at Mihu, since Mihu never returns secrets. `rotate` corrects it.
 */

import type { AgentWebhook, AgentWebhooks, WebhookRefusal } from "../../ports/calling/agent-webhooks.ts";
import type { LineWebhooks } from "../../ports/config/line-webhooks.ts";

/** A fresh key and secret. */
type NewWebhook = { key: string; keyHash: string; secret: string; sealedSecret: string };

export type ConnectPorts = {
  store: Omit<LineWebhooks, "setWebhook">;
  agents: AgentWebhooks;
  make(): Promise<NewWebhook>;
  hash(key: string): string;
};

export type Connected =
  | { readonly ok: true; readonly did: "kept" | "changed" | "created" | "rotated" }
  | { readonly ok: false; readonly reason: "no_line" | "raced" | WebhookRefusal["reason"]; readonly detail: string };

/** Events that a line subscribes to: start and end of a call, its outcome, and Mihu's evaluation. */
const wantedEvents = ["conversation_status", "conversation_end_report", "voice_evaluation"] as const;

/**
 * @param base Base URL of the service, without a trailing slash.
 * @param rotate Creates a new key and secret in any case.
 */
export async function connectLine(
  ports: ConnectPorts,
  { line, base, rotate, actor }: { line: string; base: string; rotate: boolean; actor: string },
): Promise<Connected> {
  const [agent, owners] = [await ports.store.agentOf(line), await ports.store.webhookOwners()];
  if (agent === null) return { ok: false, reason: "no_line", detail: "" };
  const listed = await ports.agents.list(agent);
  if (!listed.ok) return listed;
  const prefix = `${base}/in/mihu/`;
  const ours = listed.webhooks
    .filter(({ url }) => url.startsWith(prefix))
    .map((webhook) => ({ webhook, keyHash: ports.hash(webhook.url.slice(prefix.length)) }));
  const own = ours.find(({ keyHash }) => owners.get(keyHash) === line);
  if (own !== undefined) {
    // Mihu has the key, but its answer was lost, or nothing settled it.
    await ports.store.settleWebhook(line, own.keyHash, actor);
    if (!rotate) return await putRight(ports, agent, own.webhook);
  }
  const orphan = ours.find(({ keyHash }) => !owners.has(keyHash));
  return await renew(ports, { line, agent, prefix, actor, present: own?.webhook ?? orphan?.webhook ?? null, rotate });
}

async function putRight({ agents }: ConnectPorts, agent: string, webhook: AgentWebhook): Promise<Connected> {
  const missing = wantedEvents.filter((event) => !webhook.events.includes(event));
  if (missing.length === 0 && webhook.active) return { ok: true, did: "kept" };
  const events = [...webhook.events, ...missing];
  const changed = await agents.change(agent, webhook.uuid, { url: webhook.url, events });
  return changed.ok ? { ok: true, did: "changed" } : changed;
}

type Renewal = {
  line: string;
  agent: string;
  prefix: string;
  actor: string;
  present: AgentWebhook | null;
  rotate: boolean;
};

async function renew(
  ports: ConnectPorts,
  { line, agent, prefix, actor, present, rotate }: Renewal,
): Promise<Connected> {
  const { key, keyHash, secret, sealedSecret } = await ports.make();
  await ports.store.proposeWebhook(line, { keyHash, sealedSecret }, actor);
  const wanted = { url: prefix + key, secret };
  const done =
    present === null
      ? await ports.agents.create(agent, { ...wanted, events: wantedEvents })
      : await ports.agents.change(agent, present.uuid, {
          ...wanted,
          events: [...new Set([...present.events, ...wantedEvents])],
        });
  if (!done.ok) return done;
  if (!(await ports.store.settleWebhook(line, keyHash, actor)))
    return { ok: false, reason: "raced", detail: "the line was connected by another request at the same time" };
  return { ok: true, did: present === null ? "created" : rotate ? "rotated" : "changed" };
}
