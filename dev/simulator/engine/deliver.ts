/** Sends outcome webhooks: signed, in order unless shuffled, and retried with backoff. */
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import * as http from "node:http";
import * as https from "node:https";
import { spanMs } from "./chance.ts";
import type { Faults } from "./faults.ts";
import { reportText } from "./report.ts";
import type { Timers } from "./timers.ts";
import type { MihuConversation, Session } from "./types.ts";
import type { Registrations, Webhook, WebhookEvent } from "./webhooks.ts";

const RECEIVER_TIMEOUT_MS = 10_000;
const SOCKETS_PER_RECEIVER_MAX = 32;
/** Draws are numbered by (call, webhook, event): room for the events of one call, and the webhooks of one agent. */
const EVENTS_PER_CALL_MAX = 8;
const WEBHOOKS_MAX = 8;

export const SIGNATURE_HEADER = "x-mihu-signature";

/** Counts of POSTs, of delivered bodies, and of bodies that were given up. */
type DeliveryCounts = { sent: number; delivered: number; failed: number };

export type Deliveries = {
  announceStart: (conversation: MihuConversation, session: Session) => void;
  announceEnd: (conversation: MihuConversation, session: Session) => void;
  counts: () => DeliveryCounts;
  /** Drops all pending deliveries and resets the counts. */
  forget: () => void;
  close: () => void;
};

type Report = { event: WebhookEvent; text: string; number: number };

/** The signature that goes with a body: HMAC-SHA256 in hex, with the hash's name before it. */
export function signatureOf(secretKey: string, text: string): string {
  return `sha256=${createHmac("sha256", secretKey).update(text).digest("hex")}`;
}

/** Nothing sent. */
export function createDeliveries(faults: Faults, registrations: Registrations, timers: Timers): Deliveries {
  const agents = {
    "http:": new http.Agent({ keepAlive: true, maxSockets: SOCKETS_PER_RECEIVER_MAX }),
    "https:": new https.Agent({ keepAlive: true, maxSockets: SOCKETS_PER_RECEIVER_MAX }),
  };
  let generation = 0;
  let counts: DeliveryCounts = { sent: 0, delivered: 0, failed: 0 };

  /** The status of one POST; 0 when no answer came. Redirects are not followed. */
  function post(webhook: Webhook, text: string): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    const secure = webhook.url.startsWith("https:");
    const request = (secure ? https : http).request(webhook.url, {
      method: "POST",
      agent: secure ? agents["https:"] : agents["http:"],
      timeout: RECEIVER_TIMEOUT_MS,
      headers: {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(text),
        ...(webhook.secretKey === null ? {} : { [SIGNATURE_HEADER]: signatureOf(webhook.secretKey, text) }),
      },
    });
    request.on("response", (response) => {
      response.resume();
      response.on("error", () => {});
      resolve(response.statusCode ?? 0);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(0));
    request.on("close", () => resolve(0));
    request.end(text);
    return promise;
  }

  async function attempt(webhook: Webhook, report: Report, tryIndex: number): Promise<void> {
    const born = generation;
    counts.sent++;
    const status = await post(webhook, report.text);
    if (born !== generation) return;
    if (status >= 200 && status < 300) {
      counts.delivered++;
      return;
    }
    const backoffMs = faults.settings().webhook_retry_ms[tryIndex];
    if (backoffMs === undefined) counts.failed++;
    else timers.after(backoffMs, () => void attempt(webhook, report, tryIndex + 1));
  }

  function lateness(number: number): Promise<void> | undefined {
    const span = faults.settings().webhook_late_ms;
    if (span === 0 || !faults.strikes("webhook_late", number)) return undefined;
    return new Promise((resolve) => timers.after(spanMs(span, faults.draw("webhook_late_ms", number)), resolve));
  }

  async function deliverInOrder(webhook: Webhook, reports: readonly Report[]): Promise<void> {
    const born = generation;
    for (const report of reports) {
      if (faults.strikes("webhook_lost", report.number)) continue;
      await lateness(report.number);
      if (born !== generation) return;
      await attempt(webhook, report, 0);
      if (born !== generation) return;
      if (faults.strikes("webhook_double", report.number)) await attempt(webhook, report, 0);
      if (born !== generation) return;
    }
  }

  function announce(
    events: WebhookEvent[],
    firstIndex: number,
    conversation: MihuConversation,
    session: Session,
  ): void {
    for (const [place, webhook] of registrations.of(conversation.agentId).entries()) {
      if (!webhook.isActive) continue;
      const base = (session.ordinal * WEBHOOKS_MAX + place) * EVENTS_PER_CALL_MAX + firstIndex;
      const reports = events
        .map((event, index) => ({ event, number: base + index }))
        .filter(({ event }) => webhook.events.includes(event))
        .map((report) => ({ ...report, text: reportText(report.event, conversation, session) }));
      if (reports.length > 1 && faults.strikes("webhook_shuffle", base)) reports.reverse();
      void deliverInOrder(webhook, reports);
    }
  }

  function forget(): void {
    generation++;
    counts = { sent: 0, delivered: 0, failed: 0 };
  }

  return {
    announceStart: (conversation, session) => announce(["conversation_status"], 0, conversation, session),
    announceEnd: (conversation, session) =>
      announce(["conversation_status", "conversation_end_report", "voice_evaluation"], 1, conversation, session),
    counts: () => ({ ...counts }),
    forget,
    close: () => {
      forget();
      agents["http:"].destroy();
      agents["https:"].destroy();
    },
  };
}
