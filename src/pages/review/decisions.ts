import type { ApiRequest } from "../page.ts";

/** Decisions about several calls, with their words before and after. `of`: the operation that a call must allow. */
export const bulkDecisions = {
  release: {
    label: "Release",
    verb: "Release",
    done: "released",
    of: "release",
    consequence: "The line places it within its hours and limits. Every gate is asked once more.",
  },
  cancel: {
    label: "Cancel",
    verb: "Cancel",
    done: "canceled",
    of: "cancel",
    consequence: "Nobody is rung.",
  },
  rang: {
    label: "It rang",
    verb: "Store “it rang” for",
    done: "stored as rung",
    of: "resolve",
    consequence: "The outcome is read from Mihu. Nobody is dialled again.",
  },
  dial: {
    label: "It did not ring: dial again",
    verb: "Dial again",
    done: "queued to be dialled again",
    of: "resolve",
    consequence: "A further try is queued, through every gate.",
  },
  close: {
    label: "It did not ring: close",
    verb: "Close",
    done: "closed",
    of: "resolve",
    consequence: "It is canceled as a call that did not ring. Nobody is rung.",
  },
} as const;
export type BulkDecision = keyof typeof bulkDecisions;

export function isBulkDecision(text: string): text is BulkDecision {
  return Object.hasOwn(bulkDecisions, text);
}

/** @returns The API's operation of a decision, with the fields that say it. */
export function operationOf(decision: BulkDecision) {
  if (decision === "release" || decision === "cancel") return { verb: decision, said: {} };
  // biome-ignore lint/suspicious/noThenProperty: `then` is a field of the API, and its value is a text.
  return { verb: "resolve", said: decision === "rang" ? { rang: true } : { rang: false, then: decision } };
}

/** @returns The API's request for a decision about one call. */
export function decisionRequest(id: string, decision: BulkDecision, reason: string): ApiRequest {
  const { verb, said } = operationOf(decision);
  const path = `/v1/calls/${encodeURIComponent(id)}/${verb}`;
  return { method: "POST", path, body: decision === "rang" ? said : { ...said, reason } };
}
