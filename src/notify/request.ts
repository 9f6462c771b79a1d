/** The request of a delivery, as its hook's format wants it. */
import { type MailApi, mailRequest, slackMessage } from "../domain/hooks/message-formats.ts";
import { type Message, type MessageEvent, messageOf, reviewDigest } from "../domain/hooks/messages.ts";
import { sha256Hex } from "../platform/hashes.ts";
import { scrubText } from "../platform/log.ts";
import { signDelivery } from "../platform/signature/standard-webhook.ts";
import type { ClaimedDelivery } from "../ports/hooks/deliveries.ts";

/** `secrets`: those that sign, the present one first. `headers`: the hook's own. */
type Sender = {
  readonly publicUrl: string | null;
  readonly mail: MailApi | null;
  readonly secrets: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly atMs: number;
};

type DeliveryRequest = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/**
 * @param first The delivery, or the first one of a digest.
 * @param all All deliveries of the request, of one hook.
 * @returns Null: the service cannot send this format, because no mail API is configured any more.
 */
export function requestOf(
  first: ClaimedDelivery,
  all: readonly ClaimedDelivery[],
  sender: Sender,
): DeliveryRequest | null {
  const { targetUrl, format, body } = first;
  const id = messageId(all);
  const own = { ...sender.headers, "content-type": "application/json", "user-agent": "Hookline" };
  if (format === "webhook")
    return {
      url: targetUrl,
      headers: { ...own, ...signDelivery({ id, body, atMs: sender.atMs }, sender.secrets) },
      body,
    };
  const message = messageFor(all, sender.publicUrl);
  if (format === "slack") return { url: targetUrl, headers: own, body: JSON.stringify(slackMessage(message)) };
  return sender.mail === null ? null : mailRequest(sender.mail, targetUrl.slice("mailto:".length), id, message);
}

/** The same in every try of the same deliveries, so that a receiver can tell a repetition. */
function messageId(deliveries: readonly Pick<ClaimedDelivery, "id">[]): string {
  const ids = deliveries.map(({ id }) => id.replaceAll("-", ""));
  return ids.length === 1 ? `msg_${ids[0]}` : `msg_${sha256Hex(ids.sort().join()).slice(0, 32)}`;
}

/** Several deliveries share a message only if all are about calls that wait for a person. */
function messageFor(deliveries: readonly ClaimedDelivery[], publicUrl: string | null): Message {
  const deps = { publicUrl, scrub: scrubText };
  const events = deliveries.map(({ body }) => eventIn(body));
  const [first] = events;
  if (first === undefined || first.type === "call.review") return reviewDigest(events, deps);
  return messageOf(first, deps) ?? { title: [first.type], lines: [], link: null };
}

function eventIn(body: string): MessageEvent {
  const { type, timestamp, data } = JSON.parse(body) as { type: string; timestamp: string; data: MessageEvent["data"] };
  return { type, at: Date.parse(timestamp), data };
}
