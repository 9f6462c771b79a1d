/** Contacts, conversations, sessions and messages in their wire format. */
import { laravelTime } from "../json.ts";
import type { Contact, MihuConversation, Session } from "./types.ts";

/** A reserved name: no recording of the simulator can be mistaken for a real one, nor be fetched. */
export const MEDIA_ORIGIN = "https://media.mihu.example";

/** The URL of a call's recording. */
export const recordingUrl = (callUuid: string): string => `${MEDIA_ORIGIN}/recordings/${callUuid}.mp3`;
/** The URL for listening to a live call. */
export const listenUrl = (callUuid: string): string => `${MEDIA_ORIGIN}/listen/${callUuid}`;

/** Whether a person or a machine picked up. */
export const connected = (session: Session): boolean =>
  session.outcome === "completed" || session.outcome === "voicemail";

/** Whole seconds, or null while the call lasts. */
export function durationS(session: Session): number | null {
  if (session.endedAt === null) return null;
  return connected(session) ? Math.max(1, Math.round((session.endedAt - session.startedAt) / 1000)) : 0;
}

/** One sentence, or null while the call lasts or when nobody picked up. */
export function summaryText(session: Session): string | null {
  if (session.endedAt === null || !connected(session)) return null;
  return session.outcome === "voicemail"
    ? "The call reached a voicemail; a message was left."
    : "The agent reached the customer, who confirmed how the matter should be solved.";
}

/** A contact, as it stands in conversations and webhooks. */
export function contactView(contact: Contact) {
  return { uuid: contact.uuid, name: null, surname: null, phone_number: contact.number, email: null };
}

function callView(session: Session) {
  const recorded = session.endedAt !== null && connected(session);
  return {
    uuid: session.callUuid,
    status: session.status,
    duration: durationS(session),
    recording_url: recorded ? recordingUrl(session.callUuid) : null,
    summary: summaryText(session),
    timestamp: laravelTime(session.startedAt),
  };
}

/** Whether the newest call of a conversation lasts, in one word. */
export const conversationStatus = (conversation: MihuConversation): string =>
  conversation.sessions.at(-1)?.endedAt === null ? "active" : "completed";

/** A conversation; its `call` is the newest one. */
export function conversationView(conversation: MihuConversation) {
  const newest = conversation.sessions.at(-1);
  return {
    uuid: conversation.uuid,
    type: conversation.type,
    status: conversationStatus(conversation),
    responded_by: "AI",
    is_simulation: conversation.isSimulation,
    timestamp: laravelTime(conversation.createdAt),
    created_at: laravelTime(conversation.createdAt),
    updated_at: laravelTime(conversation.updatedAt),
    agent_uuid: conversation.agentId,
    channel: "call",
    contact: contactView(conversation.contact),
    session_uuids: conversation.sessions.map((session) => session.uuid),
    campaign_uuid: conversation.campaignUuid,
    listing_uuid: null,
    task_uuids: conversation.taskUuids,
    call: newest === undefined ? null : callView(newest),
  };
}

/** One session; its call is named by `call_uuid`. */
export function sessionView(conversation: MihuConversation, session: Session) {
  const ended = session.endedAt === null ? null : laravelTime(session.endedAt);
  const summary = summaryText(session);
  return {
    uuid: session.uuid,
    status: session.endedAt === null ? "active" : "ended",
    started_at: laravelTime(session.startedAt),
    ended_at: ended,
    last_activity_at: ended ?? laravelTime(session.startedAt),
    evaluated_at: ended,
    summary,
    summary_generated_at: summary === null ? null : ended,
    conversation_uuid: conversation.uuid,
    agent_uuid: conversation.agentId,
    contact: contactView(conversation.contact),
    call_uuid: session.callUuid,
  };
}

/** The messages of one session, oldest first; none while it lasts or if nobody picked up. */
export function messagesOf(session: Session) {
  if (session.endedAt === null || !connected(session)) return [];
  const greeting = session.ring?.greeting ?? "Hello! How can I help you today?";
  const lines: [sender: string, text: string][] =
    session.outcome === "voicemail"
      ? [["AI", greeting]]
      : [
          ["AI", greeting],
          ["Contact", "Yes, thank you for calling."],
          ["AI", "I have noted that. Goodbye!"],
        ];
  return lines.map(([sender, content], index) => ({
    uuid: `${session.uuid}-${index}`,
    sender,
    content,
    session_uuid: session.uuid,
    created_at: laravelTime(session.startedAt + index),
  }));
}
