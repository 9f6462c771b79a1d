/** Transcripts of conversations: `/conversations/{uuid}/messages`, and the session of one call. */
import type { JsonObject, JsonValue } from "../domain/json.ts";
import { type HttpAnswer, request } from "../platform/http-client.ts";
import type { TranscriptCut, Transcripts, Utterance } from "../ports/calling/transcripts.ts";
import { apiBaseUrl } from "./base-url.ts";
import { type Get, readList } from "./lists.ts";
import { cutText, idOf, objectOf, pathIdOf, requestHeaders, timeOf, withoutControls } from "./wire.ts";

/** Of one request, and of all together: a person waits for the page. */
const requestMs = 8_000;
const deadlineMs = 12_000;
const pagesMax = 5;
const perPage = 100;
const textCharactersMax = 4_000;

type MihuSettings = { readonly baseUrl: string; readonly token: string; readonly clock: { now(): number } };

/** @throws Error if the base URL cannot be requested. */
export function mihuTranscripts({ baseUrl, token, clock }: MihuSettings): Transcripts {
  const base = apiBaseUrl(baseUrl);
  const headers = requestHeaders(token);

  /** Requests that all end at one time. Each I/O moves the clock of a Worker on. */
  function requestsUntil(endMs: number): Get {
    return async (path, answerBytesMax): Promise<HttpAnswer> => {
      const timeoutMs = Math.min(requestMs, endMs - clock.now());
      if (timeoutMs <= 0) return { kind: "timeout" };
      const bounds = { timeoutMs, ...(answerBytesMax === undefined ? {} : { answerBytesMax }) };
      return await request({ method: "GET", url: `${base}${path}`, headers, ...bounds });
    };
  }

  return {
    async read(conversation, mihuId, firstPage) {
      if (pathIdOf(conversation) === null) return { ok: false, reason: "unknown" };
      const path = `/conversations/${conversation}`;
      const get = requestsUntil(clock.now() + deadlineMs);
      const [messages, sessions] = await Promise.all([
        readList(get, `${path}/messages`, { sort_dir: "asc" }, { perPage, pagesMax, firstPage }),
        readList(get, `${path}/sessions`),
      ]);
      const { failed, nextPage } = messages;
      if (failed !== null && nextPage === firstPage)
        return { ok: false, reason: failed === "refused" ? "away" : failed };
      const session = sessionOf(sessions.items, mihuId);
      const items = messages.items.map((item) => objectOf(item)).filter((item) => item !== null);
      // Messages that name no session cannot be told apart.
      const canTell = session !== null && items.some((item) => idOf(item.session_uuid) !== null);
      const own = canTell ? items.filter((item) => idOf(item.session_uuid) === session) : items;
      const utterances = own.map(utteranceOf).filter((one) => one !== null);
      // The call's own words may be on a later page.
      if (utterances.length === 0 && messages.complete && firstPage === 1) return { ok: false, reason: "empty" };
      const isOnly = sessions.complete && sessions.items.length <= 1;
      const cut: TranscriptCut | null = messages.complete ? null : { why: cutBy(failed), nextPage };
      return { ok: true, transcript: { utterances, cut, ofCall: canTell || isOnly } };
    },
  };
}

function cutBy(failed: "unknown" | "late" | "refused" | null): TranscriptCut["why"] {
  if (failed === null) return "long";
  return failed === "late" ? "late" : "failed";
}

/** @returns The id of the session that holds the call; null if it cannot be told. */
function sessionOf(sessions: readonly JsonValue[], mihuId: string | null): string | null {
  if (mihuId === null) return null;
  for (const item of sessions) {
    const session = objectOf(item);
    if (session !== null && idOf(session.call_uuid) === mihuId) return idOf(session.uuid);
  }
  return null;
}

const speakers: Readonly<Record<string, Utterance["speaker"]>> = {
  ai: "agent",
  agent: "agent",
  assistant: "agent",
  human: "customer",
  contact: "customer",
  user: "customer",
};

function utteranceOf(message: JsonObject): Utterance | null {
  const text = [message.content, message.message, message.text].find((one) => typeof one === "string");
  if (typeof text !== "string" || text.trim() === "") return null;
  const sender = typeof message.sender === "string" ? message.sender.toLowerCase() : "";
  return {
    speaker: speakers[sender] ?? "unknown",
    at: timeOf(message.created_at) ?? timeOf(message.timestamp),
    text: cutText(withoutControls(text).toWellFormed(), textCharactersMax),
  };
}
