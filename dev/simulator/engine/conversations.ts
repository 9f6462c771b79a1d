/** Contacts, conversations and their sessions. One conversation may hold several calls to one contact. */
import { randomUUID } from "node:crypto";
import type { Contact, MihuConversation, MihuOutcome, Session } from "./types.ts";

/** Mihu's status of a call that is under way. */
const LIVE_STATUS: Record<MihuOutcome, string> = {
  completed: "in-progress",
  voicemail: "in-progress",
  failed: "initiated",
  canceled: "initiated",
  no_answer: "ringing",
  busy: "ringing",
  never: "initiated",
};

type NewSession = {
  agentId: string;
  number: string;
  at: number;
  ordinal: number;
  outcome: MihuOutcome;
  /** Whether a conversation with the same agent and number takes this call in. */
  reuse: boolean;
};

/** Marks of a conversation that is not ours. */
type Marks = Partial<Pick<MihuConversation, "type" | "isSimulation" | "campaignUuid" | "taskUuids">>;

export type Conversations = {
  open: (start: NewSession, marks?: Marks) => { conversation: MihuConversation; session: Session };
  find: (uuid: string) => MihuConversation | undefined;
  /** Oldest first. */
  all: () => readonly MihuConversation[];
  contacts: () => Contact[];
  clear: () => void;
};

/** An empty store. */
export function createConversations(): Conversations {
  const byUuid = new Map<string, MihuConversation>();
  const byPair = new Map<string, MihuConversation>();
  const byNumber = new Map<string, Contact>();
  let all: MihuConversation[] = [];

  function contactOf(number: string, at: number): Contact {
    const known = byNumber.get(number);
    if (known !== undefined) return known;
    const contact = { uuid: randomUUID(), number, createdAt: at };
    byNumber.set(number, contact);
    return contact;
  }

  function conversationOf(start: NewSession, marks: Marks): MihuConversation {
    const pair = `${start.agentId} ${start.number}`;
    const known = start.reuse ? byPair.get(pair) : undefined;
    if (known !== undefined) return known;
    const conversation: MihuConversation = {
      uuid: randomUUID(),
      agentId: start.agentId,
      contact: contactOf(start.number, start.at),
      createdAt: start.at,
      updatedAt: start.at,
      type: "outbound",
      isSimulation: false,
      campaignUuid: null,
      taskUuids: [],
      sessions: [],
      ...marks,
    };
    byUuid.set(conversation.uuid, conversation);
    if (start.reuse) byPair.set(pair, conversation);
    all.push(conversation);
    return conversation;
  }

  function open(start: NewSession, marks: Marks = {}): { conversation: MihuConversation; session: Session } {
    const conversation = conversationOf(start, marks);
    const session: Session = {
      uuid: randomUUID(),
      callUuid: randomUUID(),
      ordinal: start.ordinal,
      startedAt: start.at,
      endedAt: null,
      status: LIVE_STATUS[start.outcome],
      outcome: start.outcome,
      ring: null,
    };
    conversation.sessions.push(session);
    conversation.updatedAt = start.at;
    return { conversation, session };
  }

  return {
    open,
    find: (uuid) => byUuid.get(uuid),
    all: () => all,
    contacts: () => [...byNumber.values()],
    clear: () => {
      byUuid.clear();
      byPair.clear();
      byNumber.clear();
      all = [];
    },
  };
}
