/** The bodies of outcome webhooks, with the fields that Mihu's own n8n node reads. All of them are optional there. */
import type { MihuConversation, Session } from "./types.ts";
import { connected, contactView, durationS, messagesOf, recordingUrl, summaryText } from "./views.ts";
import type { WebhookEvent } from "./webhooks.ts";

/**
 * Fields of its own configuration that Mihu was seen to send. A receiver must drop them before it stores anything. Their values are
 * recognisable, so that a test can search for them.
 */
const LEAKED_FIELDS = {
  Authorization: "Bearer simulated-authorization-not-to-be-stored",
  api_key: "simulated-api-key-not-to-be-stored",
  account_domain: "simulated-domain-not-to-be-stored.example",
};

/** The body of one outcome webhook. */
export function reportText(event: WebhookEvent, conversation: MihuConversation, session: Session): string {
  const base = {
    call_id: session.callUuid,
    conversation_uuid: conversation.uuid,
    agent_id: conversation.agentId,
    session_type: conversation.type,
    number: conversation.contact.number,
    contact_info: contactView(conversation.contact),
    timestamp: new Date(session.endedAt ?? session.startedAt).toISOString(),
  };
  return JSON.stringify({ event, data: { ...base, ...detail(event, session) } });
}

function detail(event: WebhookEvent, session: Session): object {
  const status = session.status;
  if (event === "conversation_status") return { status };
  const ended = {
    status,
    duration: durationS(session),
    conversation: messagesOf(session).map(({ sender, content }) => ({ sender, content })),
    recording_url: connected(session) ? recordingUrl(session.callUuid) : null,
    summary: summaryText(session),
    call_end_analysis: session.outcome,
    pipeline: null,
    appointment: null,
    fields: LEAKED_FIELDS,
  };
  if (event === "conversation_end_report") return ended;
  const value = connected(session) ? "positive" : "neutral";
  return {
    ...ended,
    session_evaluation_uuid: session.uuid,
    sentiment_analysis: { sentiment: { value, confidence: 0.9 }, success: { value: session.outcome === "completed" } },
  };
}
