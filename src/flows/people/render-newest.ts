/**
 * Renders held calls by the current version of their rule. A release names that version, so that only texts that were
 * shown are sent. The call passes the gates of a new call: mode, number, country, hours. Postgres checks `once_per` and
 * suppression.
 */

import type { VersionedLine } from "../../domain/calls/line.ts";
import { notFetched } from "../../domain/fetch/fetch.ts";
import { readJson } from "../../domain/json.ts";
import { eventsPerReplayMax } from "../../domain/limits.ts";
import type { DecidedCall, DialTimes } from "../../domain/plan/decision.ts";
import type { CallDraft } from "../../domain/plan/draft.ts";
import { contextOf } from "../../domain/plan/plan.ts";
import { type PlanScene, weigh } from "../../domain/plan/weigh.ts";
import type { ReasonCode } from "../../domain/reasons.ts";
import { compileRules, type SourceRules } from "../../domain/rules/source-rules.ts";
import type { SourceStore } from "../../ports/ingest/sources.ts";
import type { ReplayEvent, ReplayStore } from "../../ports/planning/replays.ts";
import type { SourceCopy } from "../../ports/source-copy.ts";
import type { DecidePorts } from "./decide.ts";

export type NewestPorts = DecidePorts & { replays: Pick<ReplayStore, "page">; sources: SourceStore };

/** A held call by the current version of its rule. `version`: null if the rule no longer exists. */
export type Newest =
  | { readonly ok: true; readonly version: number; readonly draft: CallDraft; readonly times: DialTimes }
  | {
      readonly ok: false;
      readonly version: number | null;
      readonly draft: CallDraft | null;
      readonly reason: ReasonCode;
    };

/** @returns Each call by the current rules, by call id. */
export async function renderNewest(
  ports: NewestPorts,
  calls: readonly DecidedCall[],
): Promise<ReadonlyMap<string, Newest>> {
  const events = await eventsOf(ports, calls);
  const { lines } = await ports.sources.lines();
  const bySlug = new Map(lines.map((line) => [line.slug, line]));
  const sources = new Map<string, { source: SourceCopy; rules: SourceRules } | null>();
  const nowMs = ports.clock.now();
  const found = new Map<string, Newest>();
  for (const call of calls) {
    if (!sources.has(call.source)) {
      const source = await ports.sources.copy(call.source);
      sources.set(call.source, source === null ? null : { source, rules: compileRules(source.rules, source.fetch) });
    }
    const view = sources.get(call.source) ?? null;
    const event = events.get(call.event.id);
    found.set(call.id, newestOf(call, event, view, { lines: bySlug, nowMs }));
  }
  return found;
}

function newestOf(
  call: DecidedCall,
  event: ReplayEvent | undefined,
  view: { source: SourceCopy; rules: SourceRules } | null,
  around: Pick<PlanScene, "nowMs"> & { readonly lines: ReadonlyMap<string, VersionedLine> },
): Newest {
  const stop = (reason: ReasonCode, version: number | null = null, draft: CallDraft | null = null): Newest => ({
    ok: false,
    version,
    draft,
    reason,
  });
  if (call.erased || event === undefined || event.erased) return stop("erased");
  const rule = view?.rules.rules.find(({ name }) => name === call.rule);
  if (view === null || rule === undefined) return stop("rule_gone");
  const { version } = rule;
  if (rule.mode === "off") return stop("rule_off", version);
  const json = readJson(event.body);
  if (!json.ok) return stop("unreadable", version);
  const whole = { ...event, data: json.value, unfetched: notFetched([rule], event.fetched) };
  const context = contextOf(whole, view.source.slug, json.value);
  const scene = { ...around, source: view.source, context, ignoresExpiry: true };
  const draft = weigh(rule, whole, scene);
  if (typeof draft === "string") return stop(draft === "type" ? "type_not_asked" : "condition_false", version);
  // A person may release an old call, but a call with an incomplete text cannot ring.
  const rings = draft.status === "queued" || (draft.status === "held" && draft.reason === "too_old");
  if (!rings || draft.dueAt === null) return stop(draft.reason ?? "never_open", version, draft);
  const { dueAt, closesAt, expiresAt, verdicts } = draft;
  const line = around.lines.get(rule.line);
  if (line === undefined) return stop("line_missing", version, draft);
  const by = { line, source: { slug: view.source.slug, version: view.source.version } };
  return { ok: true, version, draft, times: { ...by, dueAt, closesAt, expiresAt, verdicts } };
}

async function eventsOf(ports: NewestPorts, calls: readonly DecidedCall[]): Promise<ReadonlyMap<string, ReplayEvent>> {
  const ids = [...new Set(calls.map(({ event }) => event.id))];
  const found = new Map<string, ReplayEvent>();
  for (let from = 0; from < ids.length; from += eventsPerReplayMax) {
    const some = { ids: ids.slice(from, from + eventsPerReplayMax) };
    for (let page = await ports.replays.page(some, eventsPerReplayMax, null); ; ) {
      for (const event of page.events) found.set(event.id, event);
      if (page.next === null) break;
      page = await ports.replays.page(some, eventsPerReplayMax, page.next);
    }
  }
  return found;
}

/** A field that the current rule fills differently. */
type Difference = { readonly field: string; readonly from: unknown; readonly to: unknown };

/** @returns The differences between a held call and the same call by the current rule. */
export function differencesOf(shown: ShownCall, draft: CallDraft): Difference[] {
  const fields: readonly (keyof ShownCall)[] = [
    "rule_version",
    "mode",
    "line",
    "number",
    "about",
    "prompt",
    "prompt_overwrite",
    "greeting",
  ];
  const newest: ShownCall = {
    rule_version: draft.ruleVersion,
    mode: draft.mode,
    line: draft.line,
    number: draft.number,
    about: draft.about,
    prompt: draft.prompt,
    prompt_overwrite: draft.promptOverwrite,
    greeting: draft.greeting,
  };
  return fields.flatMap((field) =>
    shown[field] === newest[field] ? [] : [{ field, from: shown[field], to: newest[field] }],
  );
}

/** Parts of a call that its rule decides. */
type ShownCall = {
  readonly rule_version: number;
  readonly mode: string;
  readonly line: string | null;
  readonly number: string | null;
  readonly about: string | null;
  readonly prompt: string | null;
  readonly prompt_overwrite: boolean;
  readonly greeting: string | null;
};
