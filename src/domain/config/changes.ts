/**
 * Difference between the wanted and the stored configuration, as changes for people and writes for the store. Pure. It
 * runs inside the store's transaction, so the stored configuration cannot change before the writes.
 */

import { type ConfigPlan, emptyPlan, type Fetchables, noteUnchanged, type WantedConfig } from "./change-plan.ts";
import { differences, lineFields, sourceFields } from "./compare.ts";
import { planCredential, removeCredential } from "./credential-changes.ts";
import { lostFetches, planRules, removeRule } from "./rule-changes.ts";
import { planSecrets, retireSecret } from "./secret-changes.ts";
import type { LineSettings, SourceSettings, StoredConfig } from "./stored.ts";

/**
 * Compares a document with the stored configuration. Parts that the document does not name stay unchanged.
 *
 * @param fetchables Absent if the document contains no source.
 */
export function planConfig(stored: StoredConfig, wanted: WantedConfig, fetchables: Fetchables = () => []): ConfigPlan {
  const plan = emptyPlan();
  const lines = new Set([...stored.lines.map(({ slug }) => slug), ...wanted.lineNames]);
  for (const line of wanted.lines) planLine(plan, stored, line);
  for (const source of wanted.sources) {
    if (source.source !== null) planSource(plan, stored, source.source);
    planSecrets(plan, stored, source);
    planCredential(plan, stored, source);
    const known = stored.sources.find(({ slug }) => slug === source.slug);
    const settings = source.source ?? known;
    const names = settings === undefined ? null : fetchables(settings);
    planRules(plan, stored, source, lines, names);
    if (source.rules === null && names !== null)
      plan.mistakes.push(...lostFetches(known?.rules ?? [], names, source.path));
  }
  return plan.mistakes.length > 0 ? { ...plan, writes: [] } : plan;
}

/**
 * Disconnects a source: its webhooks are refused, and its secrets and rules are removed. The source stays, because
 * events and calls refer to it.
 *
 * @returns The plan; null if no source has this name.
 */
export function planSourceRemoval(stored: StoredConfig, slug: string): ConfigPlan | null {
  const source = stored.sources.find((one) => one.slug === slug);
  if (source === undefined) return null;
  const plan = emptyPlan();
  for (const rule of source.rules) removeRule(plan, rule);
  for (const secret of source.secrets) retireSecret(plan, slug, secret);
  if (source.credential !== null) removeCredential(plan, slug, source.credential, "not_wanted");
  if (source.disconnectedAt === null) plan.changes.push({ kind: "remove", what: "source", name: slug });
  // Stops calls of a closed source too: an earlier change may have kept its queued calls.
  plan.writes.push({ do: "disconnect_source", source: slug });
  return plan;
}

function planLine(plan: ConfigPlan, stored: StoredConfig, line: LineSettings): void {
  const known = stored.lines.find(({ slug }) => slug === line.slug);
  const fields = differences(known === undefined ? {} : lineFields(known), lineFields(line));
  if (known !== undefined && fields.length === 0) {
    noteUnchanged(plan, "line", line.slug);
    return;
  }
  const created = known === undefined;
  plan.changes.push({ kind: created ? "create" : "change", what: "line", name: line.slug, fields });
  plan.writes.push({
    do: "save_line",
    line,
    created,
    hoursChanged: !created && fields.some(({ field }) => field === "hours"),
  });
}

function planSource(plan: ConfigPlan, stored: StoredConfig, source: SourceSettings): void {
  const known = stored.sources.find(({ slug }) => slug === source.slug);
  const reopened = known !== undefined && known.disconnectedAt !== null;
  const fields = [
    ...differences(known === undefined ? {} : sourceFields(known), sourceFields(source)),
    ...(reopened ? [{ field: "disconnected", from: true, to: false }] : []),
  ];
  if (known !== undefined && fields.length === 0) {
    noteUnchanged(plan, "source", source.slug);
    return;
  }
  const created = known === undefined;
  plan.changes.push({ kind: created ? "create" : "change", what: "source", name: source.slug, fields });
  plan.writes.push({ do: "save_source", source, created });
}
