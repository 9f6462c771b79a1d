/**
 * Thin payloads: the records to fetch before an event is planned, and the meaning of each answer. Pure. Parts of a
 * condition without `record` are evaluated first, so an event that they exclude costs no GET.
 */

import type { PlannableEvent, Unfetched } from "../events/event.ts";
import type { JsonValue } from "../json.ts";
import { fetchRefusedPauseMs } from "../limits.ts";
import { type Condition, evaluateCondition, readsRecord } from "../rules/condition/condition.ts";
import type { MappingContext } from "../rules/context.ts";
import type { Rule } from "../rules/rule.ts";
import type { SourceRules } from "../rules/source-rules.ts";
import type { PresetApi, SourceApi } from "./sender-api.ts";

/** Delays between the tries of a GET. After the last one the rule's call is skipped, with the reason. */
const fetchPausesMs = [5_000, 30_000, 120_000, 600_000, 1_800_000] as const;

/** Delays after a 403. A person has to grant access, which takes longer. */
const fetchSlowPausesMs = [60_000, 300_000, 900_000, 3_600_000, 7_200_000] as const;

/** Pause of a source after a 429 without `Retry-After`, and the longest pause that a sender may request. */
const fetchHoldDefaultMs = 10_000;
const fetchHoldMaxMs = 3_600_000;

/** Longest delay of an event by the sender's rate limit. Then it is given up. */
const fetchGiveUpMs = 86_400_000;

/** The answer to one GET. */
export type FetchAnswer =
  | { readonly kind: "found"; readonly value: JsonValue }
  /** `retryAfterMs`: pause that the sender requests; null if it names none. */
  | { readonly kind: "status"; readonly status: number; readonly retryAfterMs: number | null }
  /** A 2xx that is no JSON, or lacks the record. */
  | { readonly kind: "unreadable" }
  | { readonly kind: "too_large" }
  | { readonly kind: "timeout" }
  | { readonly kind: "lost" }
  /**
   * No request was sent: the event has no plain id for it (`path`: the field), or the source does not define this
   * record.
   */
  | { readonly kind: "id_invalid"; readonly path: string | null }
  | { readonly kind: "unknown" };

/** The next step after an answer. */
type FetchVerdict =
  | { readonly do: "keep"; readonly value: JsonValue }
  /** The record can never be fetched. Calls of rules that need it are skipped with the reason. */
  | { readonly do: "give_up"; readonly reason: Unfetched["reason"] }
  /** `problem`: the source's credential is rejected, at least for this record. */
  | { readonly do: "try_again"; readonly afterMs: number; readonly problem: boolean }
  /** The source sends no GET for this time. It does not count as a try of the event. */
  | { readonly do: "hold"; readonly forMs: number; readonly problem: boolean };

/** Statuses for a record that does not exist. */
const missingStatuses = [404, 410];

/** Statuses below 500 after which a retry may help. */
const passingStatuses = [408, 423, 425];

/** @returns Names of the records that can be fetched for a source, in their usual order. */
export function fetchableNames(api: PresetApi | undefined, own: SourceApi | null): string[] {
  return [...new Set([...Object.keys(api?.gets ?? {}), ...Object.keys(own?.get ?? {})])];
}

/** Whether a rule may match an event, as far as its conditions without `record` show. */
export function mayWant({ early }: Pick<Rule, "early">, context: MappingContext): boolean {
  return !early.some((part) => isFalse(part, context));
}

/**
 * @param contextOf Creates the conditions' context without a `record`. Called only if a condition is evaluated.
 * @returns The records to fetch before an event can be planned, in the order of the rules that need them.
 */
export function fetchesOf(
  { rules }: SourceRules,
  event: Pick<PlannableEvent, "type" | "record">,
  contextOf: () => MappingContext,
): string[] {
  let context: MappingContext | null = null;
  const wanted = rules.filter((rule) => {
    if (rule.fetch.length === 0 || rule.mode === "off" || (rule.on !== null && !rule.on.includes(event.type)))
      return false;
    if (rule.withdraw !== null && event.record !== null && readsRecord(rule.withdraw)) return true;
    if (rule.early.length === 0) return true;
    context ??= contextOf();
    return mayWant(rule, context);
  });
  return [...new Set(wanted.flatMap(({ fetch }) => fetch))];
}

/**
 * @param tries Earlier tries for the event.
 * @param ageMs Time for which the event has waited.
 */
export function judgeFetch(answer: FetchAnswer, tries: number, ageMs: number): FetchVerdict {
  switch (answer.kind) {
    case "found":
      return { do: "keep", value: answer.value };
    case "id_invalid":
      return { do: "give_up", reason: "fetch_id_invalid" };
    case "unknown":
    case "too_large":
      return { do: "give_up", reason: "fetch_failed" };
    case "status":
      return judgeStatus(answer, tries, ageMs);
    default:
      return tryAgainAfter(fetchPausesMs, tries, false);
  }
}

function judgeStatus(
  { status, retryAfterMs }: Extract<FetchAnswer, { kind: "status" }>,
  tries: number,
  ageMs: number,
): FetchVerdict {
  if (missingStatuses.includes(status)) return { do: "give_up", reason: "record_missing" };
  if (status === 401) return { do: "hold", forMs: fetchRefusedPauseMs, problem: true };
  if (status === 403) return tryAgainAfter(fetchSlowPausesMs, tries, true);
  if (status === 429 || (status === 503 && retryAfterMs !== null)) {
    if (ageMs > fetchGiveUpMs) return { do: "give_up", reason: "fetch_failed" };
    const forMs = Math.min(Math.max(retryAfterMs ?? fetchHoldDefaultMs, 1_000), fetchHoldMaxMs);
    return { do: "hold", forMs, problem: false };
  }
  if (status >= 400 && status < 500 && !passingStatuses.includes(status))
    return { do: "give_up", reason: "fetch_failed" };
  return tryAgainAfter(fetchPausesMs, tries, false);
}

function tryAgainAfter(pausesMs: readonly number[], tries: number, problem: boolean): FetchVerdict {
  const afterMs = pausesMs[tries];
  return afterMs === undefined ? { do: "give_up", reason: "fetch_failed" } : { do: "try_again", afterMs, problem };
}

/** The answer in the form of an event's detail: the HTTP status, or the code of the failure. */
export function answerInShort(answer: FetchAnswer): { status: number | null; problem: string | null } {
  if (answer.kind === "status") return { status: answer.status, problem: null };
  return { status: null, problem: answer.kind };
}

/** @returns The first record that a rule needs and that could not be fetched; null if all are there. */
export function missingFor({ fetch }: Pick<Rule, "fetch">, unfetched: readonly Unfetched[]): Unfetched | null {
  for (const name of fetch) {
    const found = unfetched.find((one) => one.fetch === name);
    if (found !== undefined) return found;
  }
  return null;
}

/** @returns Records that rules need and an event lacks. Previews and rehearsals send no GET for them. */
export function notFetched(rules: readonly Pick<Rule, "fetch">[], fetched: JsonValue | undefined): Unfetched[] {
  const has = (name: string) => typeof fetched === "object" && fetched !== null && Object.hasOwn(fetched, name);
  const names = [...new Set(rules.flatMap(({ fetch }) => fetch))].filter((name) => !has(name));
  const why = { reason: "not_fetched", status: null, problem: null, path: null, tries: 0 } as const;
  return names.map((fetch) => ({ fetch, ...why }));
}

function isFalse(condition: Condition, context: MappingContext): boolean {
  const answer = evaluateCondition(condition, context);
  return answer.ok && !answer.value;
}

/**
 * Reasons why a source's records are not fetched. `fetch_failing`: its API fails; `fetch_limited`: its API's rate
 * limit.
 */
export type FetchProblem =
  | "credential_refused"
  | "credential_missing"
  | "credential_unreadable"
  | "fetch_failing"
  | "fetch_limited";
