/** A call as a plan wants it, before Postgres decides, and the source that it is planned by. Pure. */
import type { CallStatus } from "../calls/call.ts";
import type { NumberRefusal } from "../people/phone.ts";
import type { ReasonCode } from "../reasons.ts";

/** The part of an event's source that a plan needs. */
export type PlanSource = { readonly slug: string; readonly country: string | null; readonly zone: string | null };

/** A gate's verdict, with its inputs. */
export type Verdict = {
  readonly gate: string;
  readonly verdict: "pass" | "stop";
  readonly inputs: Record<string, unknown>;
};

/** A call as the plan wants it. Postgres decides about `once` and `burst`. */
export type CallDraft = {
  readonly rule: string;
  readonly ruleVersion: number;
  readonly mode: string;
  readonly line: string | null;
  readonly status: Extract<CallStatus, "queued" | "held" | "skipped">;
  readonly reason: ReasonCode | null;
  readonly detail: Record<string, unknown> | null;
  readonly number: string | null;
  readonly country: string | null;
  readonly about: string | null;
  readonly prompt: string | null;
  readonly promptOverwrite: boolean;
  readonly greeting: string | null;
  readonly zones: readonly string[];
  readonly dueAt: number | null;
  readonly closesAt: number | null;
  readonly expiresAt: number | null;
  readonly once: { readonly key: string; readonly until: number } | null;
  readonly burst: { readonly calls: number; readonly window: number } | null;
  /** Of a direct call that shall ring even if it repeats another call: the client's reason. */
  readonly again?: string;
  readonly verdicts: readonly Verdict[];
};

/** A rule that no longer compiles makes no call, and its draft says so. */
export function brokenDraft(rule: { name: string; version: number; reason: string }): CallDraft {
  const empty = emptyDraft({ name: rule.name, version: rule.version, mode: "live", line: "", prompt: null });
  return skip({ ...empty, line: null }, "rule_broken", { detail: rule.reason });
}

/** An empty draft. */
export function emptyDraft(rule: {
  name: string;
  version: number;
  mode: string;
  line: string;
  prompt: { overwrite: boolean } | null;
}): CallDraft {
  return {
    rule: rule.name,
    ruleVersion: rule.version,
    mode: rule.mode,
    line: rule.line,
    status: "skipped",
    reason: null,
    detail: null,
    number: null,
    country: null,
    about: null,
    prompt: null,
    promptOverwrite: rule.prompt?.overwrite ?? false,
    greeting: null,
    zones: [],
    dueAt: null,
    closesAt: null,
    expiresAt: null,
    once: null,
    burst: null,
    verdicts: [],
  };
}

/** The draft, skipped for a reason. */
export function skip(draft: CallDraft, reason: ReasonCode, detail: Record<string, unknown> | null): CallDraft {
  return { ...draft, status: "skipped", reason, detail };
}

/** Reason why a rule has no number to call. */
export const withoutNumber: readonly (string | null)[] = [
  "no_number",
  "number_refused",
  "number_ambiguous",
  "country_unreadable",
] satisfies ReasonCode[];

/** Evidence for a refused number: a sentence without digits; for an ambiguous one, the possible numbers. */
export function refusalDetail({ detail, readings, path }: NumberRefusal): Record<string, unknown> {
  if (readings === undefined) return path === undefined ? { detail } : { detail, path };
  const countries = [...new Set(readings.map(({ country }) => country))];
  return { detail, readings: readings.map(({ e164, country }) => ({ number: e164, country })), countries };
}

export function judged(
  draft: CallDraft,
  gateName: string,
  verdict: "pass" | "stop",
  inputs: Record<string, unknown>,
): CallDraft {
  return { ...draft, verdicts: [...draft.verdicts, { gate: gateName, verdict, inputs }] };
}
