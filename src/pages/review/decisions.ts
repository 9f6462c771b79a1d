import type { ApiRequest } from "../page.ts";

/** Decisions about many calls, with their words before and after. */
export const bulkDecisions = {
  release: { label: "Release", done: "released", about: "held" },
  cancel: { label: "Cancel", done: "canceled", about: "held" },
  rang: { label: "It rang", done: "stored as rung", about: "review" },
  dial: { label: "It did not ring: dial again", done: "queued to be dialled again", about: "review" },
  close: { label: "It did not ring: close", done: "closed", about: "review" },
} as const;
export type BulkDecision = keyof typeof bulkDecisions;

export function isBulkDecision(text: string): text is BulkDecision {
  return Object.hasOwn(bulkDecisions, text);
}

/** @returns The API's request for a decision about one call. */
export function decisionRequest(id: string, decision: BulkDecision, reason: string): ApiRequest {
  const path = `/v1/calls/${encodeURIComponent(id)}`;
  if (decision === "release" || decision === "cancel")
    return { method: "POST", path: `${path}/${decision}`, body: { reason } };
  if (decision === "rang") return { method: "POST", path: `${path}/resolve`, body: { rang: true } };
  // biome-ignore lint/suspicious/noThenProperty: `then` is a field of the API, and its value is a text.
  return { method: "POST", path: `${path}/resolve`, body: { rang: false, then: decision, reason } };
}
