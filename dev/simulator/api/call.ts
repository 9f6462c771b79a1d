/**
 * `POST /call`: check, choose a fault, ring, answer. A request that Mihu itself would reject uses up no fault, so the
 * n-th fault of a queue applies to the n-th call that could have rung. A client that disconnects does not stop the
 * ring.
 */
import { Buffer } from "node:buffer";
import type { ServerResponse } from "node:http";
import { type CallFate, chooseOutcome } from "../engine/faults.ts";
import type { MihuConversation, Post, Session } from "../engine/types.ts";
import { listenUrl, recordingUrl } from "../engine/views.ts";
import type { MihuWorld } from "../engine/world.ts";
import { failure, type Incoming, invalid, type JsonAnswer, send, success } from "../http.ts";
import { type CallOrder, readOrder } from "./order.ts";

type Placed = { conversation: MihuConversation; session: Session };

/** Answers one `POST /call` at once, late or never, according to the settings. */
export function placeCall(world: MihuWorld, incoming: Incoming, response: ServerResponse): void {
  const read = readOrder(incoming.body, world.faults.settings().prompt_required);
  if (!read.ok) {
    send(response, invalid(read.errors));
  } else if (!world.agents.answers(read.order.agentId)) {
    send(response, AGENT_NOT_FOUND);
  } else {
    const fate = world.faults.nextCall();
    const { agentId, number, about } = read.order;
    const post: Post = { at: Date.now(), agentId, number, about, fault: fate.fault, ringId: null };
    world.ledger.note(post);
    later(world, response, fate.latencyMs, () => carryOut(world, fate, read.order, post, incoming, response));
  }
}

function carryOut(
  world: MihuWorld,
  fate: CallFate,
  order: CallOrder,
  post: Post,
  incoming: Incoming,
  response: ServerResponse,
): void {
  if (ringsNobody(world, fate, incoming.path, response)) return;
  const placed = ring(world, order, incoming.request);
  post.ringId = placed.session.callUuid;
  later(world, response, fate.answerLatencyMs, () => answerAfterRing(world, fate, placed, response));
}

const AGENT_NOT_FOUND = failure(404, "Agent not found.");
const UNAUTHENTICATED: JsonAnswer = { status: 401, body: { message: "Unauthenticated." } };
const SERVER_ERROR: JsonAnswer = { status: 500, body: { message: "Server Error" } };
const UNAVAILABLE: JsonAnswer = { status: 503, body: { message: "Service Unavailable" } };

/** Runs after a delay, unless a reset came between: then the connection just breaks. */
function later(world: MihuWorld, response: ServerResponse, delayMs: number, run: () => void): void {
  if (delayMs <= 0) {
    run();
    return;
  }
  const generation = world.generation();
  world.answerTimers.after(delayMs, () => {
    if (generation === world.generation()) run();
    else response.destroy();
  });
}

/** Applies faults that precede the ring. False if the phone is to ring. */
function ringsNobody(world: MihuWorld, fate: CallFate, path: string, response: ServerResponse): boolean {
  switch (fate.fault) {
    case "drop_before":
      response.destroy();
      return true;
    case "hang_before":
      later(world, response, fate.hangMs, () => send(response, UNAVAILABLE));
      return true;
    default: {
      const refusal = refusalOf(fate, path);
      if (refusal === undefined) return false;
      send(response, refusal);
      return true;
    }
  }
}

function refusalOf(fate: CallFate, path: string): JsonAnswer | undefined {
  switch (fate.fault) {
    case "before_307":
      return { status: 307, body: { message: "Temporary Redirect" }, headers: { location: path } };
    case "before_401":
      return UNAUTHENTICATED;
    case "before_402":
      return failure(402, "The balance does not cover this call.", "insufficient_balance");
    case "before_403":
      return failure(403, "This workspace may not place calls.", "outbound_calls_disabled");
    case "before_404":
      return AGENT_NOT_FOUND;
    case "before_409":
      return failure(409, "The request conflicts with the current state.", "conflict");
    case "before_422":
      return invalid({ "participant.number": ["The participant.number field must be a valid E.164 phone number."] });
    case "before_429":
      return {
        status: 429,
        body: { message: "Too Many Attempts." },
        headers: { "retry-after": String(fate.retryAfterS) },
      };
    case "before_500":
      return SERVER_ERROR;
    case "before_503":
      return UNAVAILABLE;
    default:
      return undefined;
  }
}

/** The phone rings: the one place where the ledger grows. */
function ring(world: MihuWorld, order: CallOrder, request: number): Placed {
  const at = Date.now();
  const ordinal = world.faults.nextRing();
  const { conversation, session } = world.conversations.open({
    agentId: order.agentId,
    number: order.number,
    at,
    ordinal,
    outcome: chooseOutcome(world.faults, ordinal),
    reuse: world.faults.settings().reuse_conversations,
  });
  session.ring = {
    at,
    endedAt: null,
    ...order,
    conversation_uuid: conversation.uuid,
    id: session.callUuid,
    request,
    outcome: null,
  };
  world.ledger.add(session.ring);
  world.endings.watch(conversation, session);
  return { conversation, session };
}

function answerAfterRing(world: MihuWorld, fate: CallFate, placed: Placed, response: ServerResponse): void {
  switch (fate.fault) {
    case "drop_after":
      response.destroy();
      break;
    case "hang_after":
      later(world, response, fate.hangMs, () => send(response, placedAnswer(placed)));
      break;
    case "unreadable":
      sendUnreadable(response);
      break;
    case "truncated":
      sendTruncated(response, placedAnswer(placed));
      break;
    default:
      send(response, answerOf(fate, placed));
  }
}

function answerOf(fate: CallFate, placed: Placed): JsonAnswer {
  const id = placed.session.callUuid;
  const agentId = placed.conversation.agentId;
  switch (fate.fault) {
    case "after_500":
      return SERVER_ERROR;
    case "after_503":
      return UNAVAILABLE;
    case "no_uuid":
      return success({ agentId, status: "success" }, CALL_PLACED);
    case "initiated_shape":
      return success({ id, agentId, provider: "twilio", status: "initiated" }, CALL_PLACED);
    case "initiated_bare":
      return { status: 200, body: { id, agentId, provider: "twilio", status: "initiated" } };
    default:
      return placedAnswer(placed);
  }
}

const CALL_PLACED = "Call initiated successfully";

function placedAnswer({ conversation, session }: Placed): JsonAnswer {
  return success(
    {
      id: session.callUuid,
      agentId: conversation.agentId,
      status: "success",
      conversation_uuid: conversation.uuid,
      contact_uuid: conversation.contact.uuid,
      listen_url: listenUrl(session.callUuid),
      record_url: recordingUrl(session.callUuid),
    },
    CALL_PLACED,
  );
}

function sendUnreadable(response: ServerResponse): void {
  if (response.destroyed) return;
  response.writeHead(200, { "content-type": "application/json" });
  response.end("<!DOCTYPE html><title>One moment, please</title>");
}

/** Promises the whole body and cuts it in the middle. */
function sendTruncated(response: ServerResponse, answer: JsonAnswer): void {
  if (response.destroyed) return;
  const text = JSON.stringify(answer.body);
  response.writeHead(answer.status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.write(text.slice(0, Math.floor(text.length / 2)), () => response.destroy());
}
