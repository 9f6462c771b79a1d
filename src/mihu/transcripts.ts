/** Transcripts of conversations: `/conversations/{uuid}/messages`, and the session of one call. */
import type { JsonObject, JsonValue } from "../domain/json.ts";
import { request } from "../platform/http-client.ts";
import type { Transcripts, Utterance } from "../ports/calling/transcripts.ts";
import { apiBaseUrl } from "./base-url.ts";
import { type Get, readList } from "./lists.ts";
import { cutText, idOf, objectOf, pathIdOf, requestHeaders, timeOf, withoutControls } from "./wire.ts";

/** A person waits for the page. */
const timeoutMs = 8_000;
const pagesMax = 5;
const perPage = 100;
const textCharactersMax = 4_000;

/** @throws Error if the base URL cannot be requested. */
export function mihuTranscripts(settings: { readonly baseUrl: string; readonly token: string }): Transcripts {
  const base = apiBaseUrl(settings.baseUrl);
  const headers = requestHeaders(settings.token);
  const get: Get = (path, answerBytesMax) =>
    request({
      method: "GET",
      url: `${base}${path}`,
      headers,
      timeoutMs,
      ...(answerBytesMax === undefined ? {} : { answerBytesMax }),
    });

  return {
    async read(conversation, mihuId) {
      if (pathIdOf(conversation) === null) return { ok: false, reason: "missing" };
      const path = `/conversations/${conversation}`;
      const [messages, sessions] = await Promise.all([
        readList(get, `${path}/messages`, { sort_dir: "asc" }, { perPage, pagesMax }),
        readList(get, `${path}/sessions`),
      ]);
      if (messages.failed && messages.items.length === 0) return { ok: false, reason: "away" };
      const session = sessionOf(sessions.items, mihuId);
      const items = messages.items.map((item) => objectOf(item)).filter((item) => item !== null);
      // Messages that name no session cannot be told apart.
      const canTell = session !== null && items.some((item) => idOf(item.session_uuid) !== null);
      const own = canTell ? items.filter((item) => idOf(item.session_uuid) === session) : items;
      const utterances = own.map(utteranceOf).filter((one) => one !== null);
      if (utterances.length === 0) return { ok: false, reason: "missing" };
      const isOnly = sessions.complete && sessions.items.length <= 1;
      return { ok: true, transcript: { utterances, complete: messages.complete, ofCall: canTell || isOnly } };
    },
  };
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
