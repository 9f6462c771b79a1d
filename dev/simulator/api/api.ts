/** The routes below /api/v1 except `POST /call`, which alone may answer late or never. */

import type { MihuWorld } from "../engine/world.ts";
import { failure, type Incoming, type JsonAnswer, NOT_FOUND } from "../http.ts";
import { dispatchAction } from "./actions.ts";
import { listAgents, listContacts, listConversations, readConversation } from "./reads.ts";

const CONVERSATION = /^\/conversations\/([^/]+)(?:\/(sessions|messages))?$/;
const WEBHOOKS = /^\/agents\/([^/]+)\/webhooks(?:\/([^/]+))?$/;
const ACTION = /^\/calls\/action\/([^/]+)\/([^/]+)$/;

const LIST_FAILED: JsonAnswer = { status: 500, body: { message: "Server Error" } };

/** @param path The path after /api/v1. */
export function answerApi(world: MihuWorld, incoming: Incoming, path: string): JsonAnswer {
  if (incoming.method === "GET") {
    const isList = /^\/(?:contacts|agents|conversations)$|\/(?:sessions|messages)$/.test(path);
    if (isList && world.faults.strikesList()) return LIST_FAILED;
    if (path === "/conversations") return listConversations(world, incoming.query);
    if (path === "/contacts") return listContacts(world, incoming.query);
    if (path === "/agents") return listAgents(world, incoming.query);
    const conversation = CONVERSATION.exec(path);
    if (conversation?.[1] !== undefined) {
      return readConversation(world, conversation[1], conversation[2], incoming.query);
    }
  }
  const webhooks = WEBHOOKS.exec(path);
  if (webhooks?.[1] !== undefined) {
    if (!world.agents.answers(webhooks[1])) return failure(404, "Agent not found.");
    return world.registrations.answer(incoming.method, webhooks[1], webhooks[2], incoming.body);
  }
  const action = ACTION.exec(path);
  if (incoming.method === "POST" && action?.[1] !== undefined && action[2] !== undefined) {
    return dispatchAction(world, action[1], action[2], incoming.body);
  }
  return NOT_FOUND;
}
