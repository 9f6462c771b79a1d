/**
 * Checks a configuration without the stored one: presets, settings, templates, rules. Each small check reports all its
 * mistakes, with their paths.
 */

import type { MihuSignatureSettings } from "../calls/line.ts";
import { fetchableNames } from "../fetch/fetch.ts";
import { type CheckedBase, checkApiBase, leadsAway } from "../fetch/fetch-url.ts";
import type { PresetApi, SourceApi } from "../fetch/sender-api.ts";
import type { JsonValue } from "../json.ts";
import { hasNumbers } from "../people/country.ts";
import { isPlace } from "../people/zone-names.ts";
import { compileRule, type Mistake, type RuleDefinition } from "../rules/rule.ts";
import { compileText } from "../rules/text/text.ts";
import { newRuleMistakes, zoneMistake } from "./new-rule.ts";
import { secretMistake } from "./secret-text.ts";
import type { HoursDefinition, LineSettings, SourceSettings } from "./stored.ts";

export type Path = readonly (string | number)[];

/** The part of a preset that a source is checked against. */
export type PresetFacts = {
  readonly title: string;
  /** The first is the default. */
  readonly schemes: readonly [SchemeFacts, ...SchemeFacts[]];
  readonly api?: PresetApi;
};
type SchemeFacts = {
  readonly name: string;
  readonly tenant: {
    readonly mandatory: boolean | "when_named";
    readonly form?: { readonly pattern: RegExp; readonly words: string };
  } | null;
};

/** Presets as the check needs them. */
export type Presets = {
  readonly names: readonly string[];
  /** In local mode the sender's API may run on this machine. */
  readonly isLocal: boolean;
  find(name: string): PresetFacts | null;
  /** @param preset Name of a preset. */
  check(
    preset: string,
    settings: JsonValue | undefined,
  ):
    | { readonly ok: true; readonly value: Record<string, unknown> }
    | { readonly ok: false; readonly mistakes: readonly { readonly path: string; readonly reason: string }[] };
};

/** A line as written, with defaults filled in. */
type LineDocument = {
  agent: string;
  calls_per_minute: number;
  calls_at_once: number;
  calls_per_day: number;
  countries: string[] | null;
  hours: HoursDefinition | null;
  webhook_settings: MihuSignatureSettings | null;
};

/** A secret as written. */
export type SecretDocument = string | { env: string; value?: string | undefined } | { id: string };

/** The sender's API as written. Without `credential` the stored one stays. */
type ApiDocument = SourceApi & { credential?: SecretDocument | null | undefined };

/** A source as written. */
export type SourceDocument = {
  preset: string;
  tenant: string | null;
  secrets?: SecretDocument[] | undefined;
  country: string | null;
  zone: string | null;
  settings: Record<string, JsonValue>;
  order_number: string | null;
  record: { type: string; id: string } | null;
  shards: number;
  silent_after: string | null;
  fetch: string[] | null;
  /** Absent: no API; a stored credential stays. */
  api?: ApiDocument | null | undefined;
};

/** A rule in its source's list. */
export type RuleDocument = RuleDefinition & { name: string };

/** @returns The line in its stored form. */
export function lineSettingsOf(slug: string, document: LineDocument): LineSettings {
  return {
    slug,
    agent: document.agent,
    callsPerMinute: document.calls_per_minute,
    callsAtOnce: document.calls_at_once,
    callsPerDay: document.calls_per_day,
    countries: document.countries,
    hours: document.hours,
    webhookSettings: document.webhook_settings,
  };
}

/** Checks a line. */
export function checkLine(document: LineDocument, path: Path): Mistake[] {
  return (document.countries ?? []).flatMap((country, index) =>
    hasNumbers(country)
      ? []
      : [{ path: [...path, "countries", index], reason: `"${country}" is not a country that has numbers` }],
  );
}

/**
 * Checks a source without its rules.
 *
 * @returns The source in its stored form, with the URL of the sender's API if it is known; or every mistake.
 */
export function checkSource(
  slug: string,
  document: SourceDocument,
  presets: Presets,
  path: Path,
): { ok: true; source: SourceSettings; baseUrl: string | null } | { ok: false; mistakes: Mistake[] } {
  const mistakes: Mistake[] = [];
  const api = storedApi(document.api);
  const base = checkApiBase(presets.find(document.preset)?.api, { ...document, api }, presets.isLocal);
  const note = (field: Path, reason: string): void => void mistakes.push({ path: [...path, ...field], reason });
  const preset = presets.find(document.preset);
  let settings: Record<string, unknown> = {};
  if (preset === null) note(["preset"], `is not a preset; the presets are: ${presets.names.join(", ")}`);
  else {
    const checked = presets.check(document.preset, document.settings);
    if (checked.ok) settings = checked.value;
    else
      for (const { path: name, reason } of checked.mistakes)
        note(name === "" ? ["settings"] : ["settings", name], reason);
    if (schemeIn(preset, document.settings).tenant?.mandatory === true && document.tenant === null)
      note(
        ["tenant"],
        `is missing: ${preset.title} signs for many accounts with one key, so name the account whose events this source accepts`,
      );
    const form = schemeIn(preset, document.settings).tenant?.form;
    if (form !== undefined && document.tenant !== null && !form.pattern.test(document.tenant.trim()))
      note(["tenant"], form.words);
    for (const { path: field, reason, ...place } of fetchMistakes(preset, document, api, base))
      mistakes.push({ path: [...path, ...field], reason, ...place });
  }
  for (const [index, secret] of (document.secrets ?? []).entries()) {
    const reason = secretMistake(secretValue(secret) ?? "given elsewhere");
    if (reason !== null) note(["secrets", index], reason);
  }
  const credential = secretMistake(secretValue(document.api?.credential ?? "none") ?? "given elsewhere");
  if (credential !== null) note(["api", "credential"], credential);
  if (document.country !== null && !hasNumbers(document.country))
    note(["country"], "is not a country that has numbers");
  if (document.zone !== null && !isPlace(document.zone)) note(["zone"], zoneMistake(document.zone));
  for (const [field, template] of templatesOf(document)) {
    const made = compileText(template, "value");
    if (!made.ok) mistakes.push({ path: [...path, ...field], ...made.mistake });
  }
  if (mistakes.length > 0) return { ok: false, mistakes };
  return {
    ok: true,
    source: {
      slug,
      preset: document.preset,
      tenant: document.tenant?.trim() ?? null,
      country: document.country,
      zone: document.zone,
      settings,
      orderNumber: document.order_number,
      recordType: document.record?.type ?? null,
      recordId: document.record?.id ?? null,
      shards: document.shards,
      silentAfter: document.silent_after,
      fetch: document.fetch === null || document.fetch.length === 0 ? null : document.fetch,
      api,
    },
    baseUrl: base.ok ? base.base : null,
  };
}

/**
 * Checks a rule by itself: conditions, texts and numbers. Whether its line exists is checked with the stored
 * configuration.
 */
export function checkRule(name: string, definition: RuleDefinition, path: Path): Mistake[] {
  const compiled = compileRule(name, 1, definition);
  const mistakes = compiled.ok ? newRuleMistakes(definition) : compiled.mistakes;
  return mistakes.map((mistake) => ({ ...mistake, path: [...path, ...mistake.path] }));
}

/** Checks a source's rules: each by itself, and that their names are unique. */
export function checkRules(rules: readonly { rule: RuleDocument; path: Path }[]): Mistake[] {
  const seen = new Set<string>();
  return rules.flatMap(({ rule: { name, ...definition }, path }) => {
    const mistakes = checkRule(name, definition, path);
    if (seen.has(name))
      mistakes.push({ path: [...path, "name"], reason: `another rule has the name "${name}" already` });
    seen.add(name);
    return mistakes;
  });
}

/** @returns The value of a secret, if it is given. */
function secretValue(secret: SecretDocument): string | null {
  if (typeof secret === "string") return secret;
  return "env" in secret ? (secret.value ?? null) : null;
}

/** @returns The scheme that the settings name; the safest for an unknown name. */
function schemeIn({ schemes }: PresetFacts, settings: Record<string, JsonValue>): SchemeFacts {
  return schemes.find(({ name }) => name === settings.scheme) ?? schemes[0];
}

/** @returns An API without its credential, as it is stored; null if nothing else is set. */
function storedApi(document: SourceDocument["api"]): SourceApi | null {
  const { credential: _, ...api } = document ?? {};
  return Object.values(api).every((value) => value === undefined) ? null : api;
}

/** Checks the records that a source fetches, and their URLs. */
function fetchMistakes(
  preset: PresetFacts,
  { fetch, api: given }: SourceDocument,
  api: SourceApi | null,
  base: CheckedBase,
): Mistake[] {
  // Without a credential nothing is fetched, so the URL may be added later.
  const needed = api?.base_url !== undefined || (given?.credential ?? null) !== null;
  const mistakes: Mistake[] = base.ok || !needed ? [] : [{ path: ["api", "base_url"], reason: base.reason }];
  for (const [name, text] of Object.entries(api?.get ?? {})) {
    const made = compileText(text, "path");
    if (!made.ok) mistakes.push({ path: ["api", "get", name], ...made.mistake });
    else if (!/^(?:\/(?!\/)|\{%)/.test(text))
      mistakes.push({ path: ["api", "get", name], reason: "must begin with /" });
    else if (leadsAway(text))
      mistakes.push({
        path: ["api", "get", name],
        reason: "must not have . or .. steps, encoded slashes or dots, # or \\",
      });
  }
  return [...mistakes, ...unknownFetches(fetch ?? [], fetchableNames(preset.api, api), [])];
}

/**
 * @param path Location of the list `fetch`.
 * @returns Mistakes for names that the source cannot fetch.
 */
export function unknownFetches(names: readonly string[], known: readonly string[], path: Path): Mistake[] {
  const there =
    known.length === 0 ? "the source has none; add it to the source's api.get" : `there are: ${known.join(", ")}`;
  return names.flatMap((name, index) =>
    known.includes(name)
      ? []
      : [{ path: [...path, "fetch", index], reason: `there is no record "${name}" to fetch: ${there}` }],
  );
}

function templatesOf(document: SourceDocument): [Path, string][] {
  const templates: [Path, string][] = [];
  if (document.order_number !== null) templates.push([["order_number"], document.order_number]);
  if (document.record !== null)
    templates.push([["record", "type"], document.record.type], [["record", "id"], document.record.id]);
  return templates;
}
