/**
 * `POST /calls/action/{conversation_uuid}/{action}` on a live call. Like Mihu, it responds with "dispatched" even if the action has
 * no effect.
 */

import type { MihuWorld } from "../engine/world.ts";
import { failure, inputOf, invalid, type JsonAnswer, NOT_FOUND, success } from "../http.ts";

const ACTIONS: readonly string[] = ["say", "hangup", "mute", "forward"];
const MESSAGE_CHARACTERS_MAX = 2_000;

/** 404 for an unknown conversation or action, 422 for a `say` without words, else "dispatched". */
export function dispatchAction(world: MihuWorld, uuid: string, action: string, body: unknown): JsonAnswer {
  const conversation = world.conversations.find(uuid);
  if (conversation === undefined) return failure(404, "Conversation not found.");
  if (!ACTIONS.includes(action)) return NOT_FOUND;
  const input = inputOf(body);
  if (action === "say") {
    const message = input.message;
    if (typeof message !== "string" || message.trim() === "") {
      return invalid({ message: ["The message field is required."] });
    }
    if (message.length > MESSAGE_CHARACTERS_MAX) {
      return invalid({ message: [`The message field must not be greater than ${MESSAGE_CHARACTERS_MAX} characters.`] });
    }
  }
  const ends = action === "hangup" || (action === "say" && input.end_call_after_spoken === true);
  const newest = conversation.sessions.at(-1);
  if (ends && newest !== undefined) world.endings.end(newest.callUuid);
  return success({ conversation_uuid: uuid, action, status: "dispatched" }, "dispatched");
}
