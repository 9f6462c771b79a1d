/**
 * The voice API over HTTP. No request is retried, here or below.
 */

import type { Conversation } from "../domain/calls/settle.ts";
import { request } from "../platform/http-client.ts";
import type { ClaimedCall } from "../ports/calling/claims.ts";
import type { Voice } from "../ports/calling/voice.ts";
import type { Clock } from "../ports/runtime.ts";
import { classPlaceAnswer } from "./answers.ts";
import { apiBaseUrl } from "./base-url.ts";
import { namesEveryCall, readCalls } from "./conversation.ts";
import { findMihuCalls } from "./find.ts";
import { bodyOf, type Get, readList } from "./lists.ts";
import { dataOf, pathIdOf, requestHeaders } from "./wire.ts";

/** Timeout of a POST. Comparable APIs have answered after 20 s, while the phone was ringing. */
const postTimeoutDefaultMs = 30_000;

/** Timeout of a GET. */
const readTimeoutDefaultMs = 10_000;

/** Prompt for rules without a prompt, because Mihu requires one. This prompt adds nothing to the agent's prompt. */
const neutralPrompt = "Follow your usual instructions for this call.";

export type MihuSettings = {
  /** Base URL, with or without `/api/v1`. */
  readonly baseUrl: string;
  readonly token: string;
  readonly clock: Clock;
  readonly postTimeoutMs?: number;
  readonly readTimeoutMs?: number;
};

/**
 * @returns Mihu as a voice API. Its methods do not reject because of the network or of Mihu.
 * @throws Error if the base URL or the token cannot be sent. The message repeats neither.
 */
export function mihuVoice(settings: MihuSettings): Voice {
  const base = apiBaseUrl(settings.baseUrl);
  // Form of a bearer token (RFC 6750, section 2.1). Any other text would make every request malformed.
  if (!/^[\w.~+/|:-]+=*$/.test(settings.token))
    throw new Error("The Mihu token is empty or has characters that no token has.");
  const headers = requestHeaders(settings.token);
  const { clock, postTimeoutMs = postTimeoutDefaultMs, readTimeoutMs = readTimeoutDefaultMs } = settings;

  const get: Get = (path, answerBytesMax) =>
    request({
      method: "GET",
      url: `${base}${path}`,
      headers,
      timeoutMs: readTimeoutMs,
      ...(answerBytesMax === undefined ? {} : { answerBytesMax }),
    });

  return {
    async place(call) {
      const answer = await request({
        method: "POST",
        url: `${base}/call`,
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify(placeBody(call)),
        timeoutMs: postTimeoutMs,
      });
      return classPlaceAnswer(answer, clock.now());
    },

    async conversation(uuid): Promise<Conversation | null> {
      if (pathIdOf(uuid) === null) return null;
      const conversation = bodyOf(await get(`/conversations/${uuid}`));
      if (conversation === null) return null;
      const data = dataOf(conversation);
      if (namesEveryCall(data)) return { reports: readCalls(data, [], clock.now()), complete: true };
      // A partial list of sessions is used too, because the conversation itself also reports its newest call.
      const { items, complete, failed } = await readList(get, `/conversations/${uuid}/sessions`);
      return { reports: readCalls(data, items, clock.now()), complete: complete && failed === null };
    },

    find: (agent, number, aroundMs) => findMihuCalls(get, agent, number, aroundMs),

    async probe(agent) {
      if (pathIdOf(agent) === null) return false;
      if (bodyOf(await get("/contacts?limit=1")) === null) return false;
      return bodyOf(await get(`/agents/${agent}/webhooks`)) !== null;
    },
  };
}

/** Body of `POST /call`. The agent's id is sent unchanged, and there is always a prompt. */
function placeBody(call: ClaimedCall) {
  return {
    agentId: call.agent,
    prompt:
      call.prompt === null || call.prompt === ""
        ? { overwrite: false, content: neutralPrompt }
        : { overwrite: call.promptOverwrite, content: call.prompt },
    participant: { number: call.number, about: call.about },
    ...(call.greeting === null || call.greeting === "" ? {} : { message: { start: call.greeting } }),
  };
}
