/** Sources and rules as the API shows them. */

import { lineFields, ruleFields, sourceFields } from "../../domain/config/compare.ts";
import { verifies } from "../../domain/config/secret-changes.ts";
import type { StoredLine, StoredRule, StoredSecret, StoredSource } from "../../domain/config/stored.ts";
import { sourceTroubles } from "../../domain/events/source-trouble.ts";
import { type FetchTrouble, troubleSentence } from "../../domain/fetch/trouble.ts";
import { maskNumber } from "../../domain/people/mask.ts";
import { explain } from "../../domain/reasons.ts";
import {
  type BusiestWindow,
  busyEventsMax,
  busyWindowSeconds,
  moreInboxes,
  requestsPerInboxSecond,
  requestsPerSecond,
} from "../../domain/shard-advice.ts";
import type { SourceSetup } from "../../ports/config/presets.ts";
import type { SourceTraffic } from "../../ports/lookups/sources.ts";
import type { DriftedField } from "../../ports/planning/fields.ts";
import { iso } from "../moment.ts";
import { fieldSentence, fieldView } from "./field.ts";
import { troubleView } from "./trouble.ts";

/** A reader's access to configuration. */
export type ConfigReader = { readonly admin: boolean; readonly seesAll: boolean };

/** A weak secret that still verifies. `name`: its environment variable, or its id. */
export type WeakStoredSecret = { readonly name: string; readonly reason: string; readonly verifies: boolean };

/** Input of a source's view, in addition to the source. */
type SourceContext = ConfigReader & {
  readonly nowMs: number;
  /** Ids of the keys that can unseal its secrets. */
  readonly kids: readonly string[];
  readonly weakSecrets: readonly WeakStoredSecret[];
  /** The source's traffic; null if it was not queried. */
  readonly heard: SourceTraffic | null;
  /** Fields read by its rules that went missing or changed their type. */
  readonly fields: readonly DriftedField[];
  /** Set-up steps in the sender's product. */
  readonly setup: SourceSetup & { readonly url: string };
};

export type SourceView = ReturnType<typeof sourceView>;

/** A source with its rules. Names and times of its secrets are for administrators; values are never shown. */
export function sourceView(source: StoredSource, context: SourceContext) {
  const secrets = source.secrets.map(({ id, env, createdAt, expiresAt, captured }) => ({
    id,
    env,
    captured,
    created_at: iso(createdAt),
    expires_at: iso(expiresAt),
  }));
  const { heard, setup } = context;
  const troubles = sourceTroubles(source, context.nowMs);
  const isIn = (code: string): boolean => troubles.some((trouble) => trouble.code === code);
  return {
    slug: source.slug,
    ...sourceFields(source),
    ...(context.admin ? { secrets, credential: credentialView(source) } : {}),
    rules: source.rules.map((rule) => ruleView(rule, context)),
    path: setup.path,
    setup: { url: setup.url, steps: setup.steps },
    heard: heard === null ? null : heardView(heard, setup.batches),
    version: source.version,
    paused:
      source.pausedAt === null
        ? null
        : { detail: source.pauseDetail, since: iso(source.pausedAt), events_waiting: heard?.waiting ?? null },
    fetching: fetchingView(source, heard),
    troubles: troubles.map(({ code, since }) => ({
      code,
      sentence: explain(code).replace("SOURCE", () => source.slug),
      since: iso(since),
    })),
    disconnected_at: iso(source.disconnectedAt),
    created_at: iso(source.createdAt),
    updated_at: iso(source.updatedAt),
    warnings: sourceWarnings(source, context, isIn),
    fields: context.fields.map(fieldView),
  };
}

/** The credential of the sender's API, without its value. */
function credentialView({ credential }: StoredSource) {
  if (credential === null) return null;
  const { id, env, baseUrl, createdAt } = credential;
  return { id, env, base_url: baseUrl, created_at: iso(createdAt) };
}

function heardView({ firstAt, lastAt, lastRejectionAt, events, more, busiest }: SourceTraffic, batches: boolean) {
  return {
    first_at: iso(firstAt),
    last_at: iso(lastAt),
    last_rejection_at: iso(lastRejectionAt),
    events,
    more,
    busiest: busiest === null ? null : busiestView(busiest, batches),
  };
}

/** The busiest seconds of a source. `requests_per_second` is the least: how many events a request carried is not stored. */
function busiestView(busiest: BusiestWindow, batches: boolean) {
  return {
    since: iso(busiest.since),
    seconds: busyWindowSeconds,
    events: busiest.events,
    requests_per_second: requestsPerSecond(busiest, batches),
  };
}

/** Too few inboxes for what the source sent. Disconnected sources have none. */
function shardWarnings({ shards }: StoredSource, heard: SourceTraffic | null, batches: boolean): string[] {
  if (heard?.busiest == null) return [];
  const perSecond = requestsPerSecond(heard.busiest, batches);
  const more = moreInboxes(perSecond, shards);
  if (more === null) return [];
  return [
    `It sent ${batches ? "at least " : ""}${Math.floor(perSecond)} webhooks a second for ${busyWindowSeconds} s from ${iso(heard.busiest.since)}, ` +
      `the most among its newest ${busyEventsMax} events. One inbox takes about ${requestsPerInboxSecond} a second, and it has ${shards}: ` +
      "webhooks wait, and may be answered with 503. " +
      `Set \`shards: ${more}\` and run \`hookline apply\`.`,
  ];
}

/** Sources that the document contains: all sources that are not disconnected. */
export function openSources({ sources }: { sources: readonly StoredSource[] }): StoredSource[] {
  return sources.filter(({ disconnectedAt }) => disconnectedAt === null);
}

/** @param isIn Whether the source is in a trouble. A warning about the same thing is left out. */
function sourceWarnings(source: StoredSource, context: SourceContext, isIn: (code: string) => boolean): string[] {
  const { nowMs, kids, weakSecrets, heard, fields, setup } = context;
  if (source.disconnectedAt !== null)
    return ["It is closed, so its webhooks get 404. Apply it again, with its secrets, to open it."];
  const warnings = secretWarnings(source.secrets, nowMs, kids, setup.secret);
  for (const { name, reason, verifies } of weakSecrets)
    warnings.push(
      `Its secret ${name} ${reason}. It verifies${verifies ? "" : " nothing"}: set another by \`hookline rotate-secret\`.`,
    );
  for (const { createdAt } of source.secrets.filter(({ captured }) => captured))
    warnings.push(
      `Its secret came with the set-up request of its sender at ${iso(createdAt)}. If you did not set the webhook up then, remove the secret and set the webhook up again.`,
    );
  warnings.push(...fetchWarnings(source, heard));
  if (source.pausedAt !== null)
    warnings.push("It is paused: its webhooks are stored, and are planned when it resumes.");
  if (heard !== null && heard.firstAt === null && !isIn("source_silent")) {
    const refused =
      heard.lastRejectionAt === null || isIn("source_rejecting")
        ? ""
        : " All requests so far were refused: `hookline rejections` says why.";
    warnings.push(`No event has arrived yet: have the sender send its webhooks to ${setup.url}.${refused}`);
  }
  warnings.push(...shardWarnings(source, heard, setup.batches), ...fields.map(fieldSentence));
  return warnings;
}

/** Problems that keep the source's rules from fetching records. */
function fetchWarnings(source: StoredSource, heard: SourceTraffic | null): string[] {
  const { fetch, rules, credential, fetchProblem } = source;
  if (fetchProblem !== null) return [troubleSentence(fetchProblem, troubleOf(source, heard), source.slug)];
  const wants = fetch !== null || rules.some(({ definition }) => (definition.fetch ?? []).length > 0);
  return wants && credential === null ? [explain("credential_missing")] : [];
}

function troubleOf({ fetchFailures, fetchAnswer }: StoredSource, heard: SourceTraffic | null): FetchTrouble {
  const { fetchWaiting = 0, fetchNextAt = null } = heard ?? {};
  return { tries: fetchFailures, answer: fetchAnswer, nextAt: fetchNextAt, waiting: fetchWaiting };
}

/** The problem with the source's API; null if there is no problem. */
function fetchingView(source: StoredSource, heard: SourceTraffic | null) {
  const { fetchProblem, fetchProblemAt } = source;
  if (fetchProblem === null) return null;
  const facts = troubleView(troubleOf(source, heard));
  return { problem: fetchProblem, problem_text: explain(fetchProblem), since: iso(fetchProblemAt), ...facts };
}

const noSecret = {
  set: "It has no secret, so every webhook is refused. Add the sender's secret.",
  handed_over:
    "The source has no secret yet, so it refuses every webhook. Its sender sends the secret when you set up the webhook there.",
} as const;

function secretWarnings(
  secrets: readonly StoredSecret[],
  nowMs: number,
  kids: readonly string[],
  from: SourceSetup["secret"],
): string[] {
  const active = secrets.filter((secret) => verifies(secret, nowMs));
  if (active.length === 0) return from === "published" ? [] : [noSecret[from]];
  const last = Math.max(...active.map(({ expiresAt }) => expiresAt ?? Number.POSITIVE_INFINITY));
  const ending = Number.isFinite(last)
    ? [
        `Its ${active.length === 1 ? "only secret ends" : "secrets all end, the last one"} at ${iso(last)}, and then every webhook is refused: set another by \`hookline rotate-secret\`.`,
      ]
    : [];
  const lost = active.filter(({ kid }) => !kids.includes(kid));
  if (lost.length === 0) return ending;
  const names = lost.map(({ id, env }) => env ?? id).join(", ");
  const all =
    lost.length === active.length
      ? "No secret of it can be read, and every webhook is refused"
      : "A secret cannot be read";
  return [
    ...ending,
    `${all}: SEALING_KEYS does not hold the key that sealed ${names}. Put it back, or set the secret anew.`,
  ];
}

/** A rule in its stored version. */
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

/**
 * The document that changes nothing when it is applied. It omits disconnected sources, and names secrets without their
 * values.
 */
export function documentView(stored: { lines: StoredLine[]; sources: StoredSource[] }) {
  return {
    lines: Object.fromEntries(stored.lines.map((line) => [line.slug, lineFields(line)])),
    sources: Object.fromEntries(
      openSources(stored).map((source) => {
        const fields = sourceFields(source);
        const named = ({ id, env }: { id: string; env: string | null }) => (env === null ? { id } : { env });
        const secrets = source.secrets.map(named);
        const { credential } = source;
        const api = credential === null ? fields.api : { ...fields.api, credential: named(credential) };
        const rules = source.rules.map(({ name, definition }) => ({ name, ...ruleFields(definition) }));
        return [source.slug, { ...fields, api, secrets, rules }];
      }),
    ),
  };
}
