/** The read paths: conversations with their sessions and messages, contacts, agents. */

import type { MihuConversation } from "../engine/types.ts";
import { contactView, conversationStatus, conversationView, messagesOf, sessionView } from "../engine/views.ts";
import type { MihuWorld } from "../engine/world.ts";
import { invalid, type JsonAnswer, NOT_FOUND, success } from "../http.ts";
import { laravelTime } from "../json.ts";
import { itemsAnswer, listAnswer } from "./lists.ts";

type Filter = (conversation: MihuConversation) => boolean;
type Sort = (conversation: MihuConversation) => number;

const SORTS = new Map<string, Sort>([
  ["created_at", (conversation) => conversation.createdAt],
  ["updated_at", (conversation) => conversation.updatedAt],
  ["timestamp", (conversation) => conversation.createdAt],
]);

/** `phone` matches any part of a number. A `+` that was sent unescaped has become a space, and matches nothing. */
function filtersOf(query: URLSearchParams): Filter[] {
  const filters: Filter[] = [];
  const on = (name: string, make: (value: string) => Filter) => {
    const value = query.get(name);
    if (value !== null && value !== "") filters.push(make(value));
  };
  on("phone", (value) => (conversation) => conversation.contact.number.includes(value));
  on("agent_uuid", (value) => (conversation) => conversation.agentId === value);
  on("contact_uuid", (value) => (conversation) => conversation.contact.uuid === value);
  on("channel", (value) => () => value === "call");
  on("status", (value) => (conversation) => conversationStatus(conversation) === value);
  return filters;
}

/** `GET /conversations`: newest first unless asked otherwise. */
export function listConversations(world: MihuWorld, query: URLSearchParams): JsonAnswer {
  const sort = SORTS.get(query.get("sort_by") ?? "created_at");
  const direction = query.get("sort_dir") ?? "desc";
  if (sort === undefined) return invalid({ sort_by: ["The selected sort by is invalid."] });
  if (direction !== "asc" && direction !== "desc") return invalid({ sort_dir: ["The selected sort dir is invalid."] });
  const filters = filtersOf(query);
  const found = world.conversations.all().filter((conversation) => filters.every((filter) => filter(conversation)));
  if (direction === "asc") found.sort((one, other) => sort(one) - sort(other));
  else found.reverse().sort((one, other) => sort(other) - sort(one));
  return listAnswer(query, found, conversationView);
}

/** `GET /conversations/{uuid}`, or its `sessions` or `messages`. */
export function readConversation(
  world: MihuWorld,
  uuid: string,
  part: string | undefined,
  query: URLSearchParams,
): JsonAnswer {
  const conversation = world.conversations.find(uuid);
  if (conversation === undefined) return NOT_FOUND;
  if (part === undefined) return success(conversationView(conversation));
  return part === "sessions" ? listSessions(conversation, query) : listMessages(conversation, query);
}

/** Newest first. */
function listSessions(conversation: MihuConversation, query: URLSearchParams): JsonAnswer {
  const status = query.get("status");
  const views = conversation.sessions
    .map((session) => sessionView(conversation, session))
    .reverse()
    .filter((view) => status === null || view.status === status);
  return listAnswer(query, views, (view) => view);
}

function listMessages(conversation: MihuConversation, query: URLSearchParams): JsonAnswer {
  const sender = query.get("sender");
  const messages = conversation.sessions.flatMap(messagesOf).filter(
    // The documentation names the same speaker both `Human` and `Contact`.
    (message) => sender === null || message.sender === (sender === "Human" ? "Contact" : sender),
  );
  return listAnswer(query, query.get("sort_dir") === "desc" ? messages.reverse() : messages, (message) => message);
}

/** `GET /contacts`: the harmless check of a token. */
export function listContacts(world: MihuWorld, query: URLSearchParams): JsonAnswer {
  return listAnswer(query, world.conversations.contacts(), (contact) => ({
    ...contactView(contact),
    created_at: laravelTime(contact.createdAt),
  }));
}

/** `GET /agents`. */
export function listAgents(world: MihuWorld, query: URLSearchParams): JsonAnswer {
  const agents = world.agents.list().map((uuid, index) => ({ uuid, name: `Simulated agent ${index + 1}` }));
  return itemsAnswer(query, agents);
}
