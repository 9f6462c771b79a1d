/** Lines, sources and rules as the API shows them. */
import { maskNumber } from "../../domain/mask.ts";
import { explain } from "../../domain/reasons.ts";
import { lineFields, ruleFields, sourceFields } from "../../flows/config-fields.ts";
import type { StoredLine, StoredRule, StoredSource } from "../../ports/config.ts";
import { iso } from "./moment.ts";

/** A line with its state, and with what its owner should know. */
export function lineView(line: StoredLine) {
  return {
    slug: line.slug,
    ...lineFields(line),
    paused: line.pausedAt === null ? null : pauseView(line, line.pausedAt),
    not_before: iso(line.notBefore),
    calls_today: line.callsToday,
    has_webhook: line.hasWebhook,
    created_at: iso(line.createdAt),
    updated_at: iso(line.updatedAt),
    warnings: warningsOf(line),
  };
}

function pauseView({ pauseReason, pauseDetail }: StoredLine, sinceMs: number) {
  const reason = pauseReason ?? "paused_by_person";
  return { reason, reason_text: explain(reason), detail: pauseDetail, since: iso(sinceMs) };
}

function warningsOf(line: StoredLine): string[] {
  const warnings: string[] = [];
  if (line.hours === null) warnings.push("No hours are set: this line may ring people at any time of day.");
  if (line.countries === null)
    warnings.push("No countries are set: only numbers of the asking source's own country may be rung.");
  if (line.callsPerDay === 0) warnings.push("calls_per_day is 0: this line never rings anybody.");
  else if (line.callsToday >= line.callsPerDay)
    warnings.push("calls_per_day is reached: what else is due waits until midnight UTC.");
  if (!line.hasWebhook) warnings.push("Mihu has no webhook for this line: outcomes are asked for, and come later.");
  return warnings;
}

/** What a reader of configuration may see beyond its shape. */
export type ConfigReader = { readonly admin: boolean; readonly seesAll: boolean };

/** A source with its rules. What is known of its secrets is for who may change them; their values are for nobody. */
export function sourceView(source: StoredSource, reader: ConfigReader) {
  const secrets = source.secrets.map(({ id, env, createdAt }) => ({ id, env, created_at: iso(createdAt) }));
  return {
    slug: source.slug,
    ...sourceFields(source),
    ...(reader.admin ? { secrets } : {}),
    rules: source.rules.map((rule) => ruleView(rule, reader)),
    path: `/in/${source.slug}`,
    version: source.version,
    disconnected_at: iso(source.disconnectedAt),
    created_at: iso(source.createdAt),
    updated_at: iso(source.updatedAt),
    warnings: sourceWarnings(source),
  };
}

/** The sources that are not disconnected: what a document names. */
export function openSources({ sources }: { sources: readonly StoredSource[] }): StoredSource[] {
  return sources.filter(({ disconnectedAt }) => disconnectedAt === null);
}

function sourceWarnings({ disconnectedAt, secrets }: StoredSource): string[] {
  if (disconnectedAt !== null)
    return ["It is disconnected: its door answers 404. Save it again, with its secrets, to open it."];
  return secrets.length === 0 ? ["No secret is set: every webhook of this source is refused."] : [];
}

/** A rule as it decides now. */
export function ruleView(rule: StoredRule, reader: ConfigReader) {
  const { test_number } = rule.definition;
  const shown =
    reader.seesAll || reader.admin || test_number === undefined ? {} : { test_number: maskNumber(test_number) };
  return {
    name: rule.name,
    ...ruleFields(rule.definition),
    ...shown,
    mode: rule.definition.mode ?? "shadow",
    position: rule.position,
    version: rule.version,
    saved_at: iso(rule.createdAt),
    saved_by: rule.createdBy,
  };
}

/** The document that applies to no change: without the sources that are disconnected. Secrets are named, never shown. */
export function documentView(stored: { lines: StoredLine[]; sources: StoredSource[] }) {
  return {
    lines: Object.fromEntries(stored.lines.map((line) => [line.slug, lineFields(line)])),
    sources: Object.fromEntries(
      openSources(stored).map((source) => {
        const fields = sourceFields(source);
        const secrets = source.secrets.map(({ id, env }) => (env === null ? { id } : { env }));
        const rules = source.rules.map(({ name, definition }) => ({ name, ...ruleFields(definition) }));
        return [source.slug, { ...fields, secrets, rules }];
      }),
    ),
  };
}
