import { type Context, Hono } from "hono";
import type { ConfigPlan, WantedConfig, WantedSource } from "../../../domain/config/change-plan.ts";
import { planConfig } from "../../../domain/config/changes.ts";
import { checkLine, checkRules, checkSource, lineSettingsOf, type Path } from "../../../domain/config/check.ts";
import type { StoredConfig } from "../../../domain/config/stored.ts";
import { callStops } from "../../../domain/config/waiting-calls.ts";
import type { Mistake } from "../../../domain/rules/rule.ts";
import { type HookPlan, planHooks } from "../../../flows/hooks/plan-hooks.ts";
import { waitingCallsView } from "../../../views/calls/stopped.ts";
import { hooksDocument } from "../../../views/hooks/document.ts";
import { seesAll } from "../../../views/reader.ts";
import { documentView, openSources } from "../../../views/sources/config.ts";
import { leftSecretView } from "../../../views/sources/left-secret.ts";
import { allow } from "../../auth/authenticate.ts";
import type { ApiDeps, AppEnv } from "../../deps.ts";
import { changeConfig, fetchablesOf, mistaken, presetsOf, sealCredential, sealSecrets } from "../config-change.ts";
import { hookPorts, targetPlace } from "../hooks/hooks.ts";
import { documentShape } from "../schemas/document.ts";
import { configQuery } from "../schemas/queries.ts";
import type { SourceBody } from "../schemas/source.ts";
import { jsonBody, query } from "../validate.ts";
import { type DocumentSource, readDocument } from "./document.ts";

/** `/v1/config`: hookline.yaml as JSON. */
export function configRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(allow("admin"));

  app.get("/", async (c) => {
    const { config, hooks } = c.var.deps.stores;
    const [stored, own] = await Promise.all([config.read(), hooks.list(c.var.reader.name)]);
    return c.json({ ...documentView(stored), hooks: hooksDocument(own) });
  });

  app.put("/", query(configQuery), jsonBody(documentShape, "config_invalid"), async (c) => {
    const wanted = await wantedConfig(c, c.req.valid("json"));
    const { dry_run: dryRun, waiting } = c.req.valid("query");
    if (dryRun === "true") {
      const stored = await c.var.deps.stores.config.read();
      const plan = planConfig(stored, wanted.config, fetchablesOf(c.var.deps));
      const mistakes = [...wanted.mistakes, ...plan.mistakes];
      if (mistakes.length > 0) throw mistaken("config_invalid", mistakes);
      const stops = callStops(plan, waiting);
      const found = await c.var.deps.stores.config.waiting(stops);
      const concerned = found.map(({ waiting: count, ...of }) => {
        const none = { ...of, canceled: 0, kept: 0, remaining: 0 };
        return waiting === "keep" ? { ...none, kept: count } : { ...none, canceled: count };
      });
      const calls = { waiting_calls: waitingCallsView(concerned) };
      return c.json({
        ...answerOf(true, plan, stored, wanted),
        ...calls,
        warnings: [...wanted.warnings, ...plan.warnings],
      });
    }
    const planned = (before: StoredConfig) => {
      const plan = planConfig(before, wanted.config, fetchablesOf(c.var.deps));
      return { ...plan, mistakes: [...wanted.mistakes, ...plan.mistakes], hooks: wanted.hooks.writes };
    };
    const { left, changes, warnings, hooks, stored, told } = await changeConfig(c, "config_invalid", planned, waiting);
    const answer = answerOf(false, { changes, left }, stored, wanted);
    // The only answer that ever has these secrets.
    const secrets = hooks.flatMap(({ id, targetUrl }) => {
      const secret = wanted.hooks.secrets.get(targetUrl);
      return secret === undefined ? [] : [{ id, target_url: targetUrl, secret }];
    });
    const shown = secrets.length === 0 ? {} : { hook_secrets: secrets };
    return c.json({ ...answer, ...shown, waiting_calls: [], ...told, warnings: [...wanted.warnings, ...warnings] });
  });
  return app;
}

/** `hooks`: planned before the transaction, because opening their secrets is asynchronous. */
type Wanted = {
  readonly config: WantedConfig;
  readonly hooks: HookPlan;
  readonly mistakes: Mistake[];
  readonly warnings: Mistake[];
};

/** Checks each part of the document separately, so that a mistake in one part does not hide those in another. */
async function wantedConfig(c: Context<AppEnv>, body: unknown): Promise<Wanted> {
  const { deps, reader } = c.var;
  const { document, mistakes } = readDocument(body);
  const warnings: Mistake[] = [];
  const presets = presetsOf(deps);
  const sources: WantedSource[] = [];
  for (const [slug, line] of document.lines) mistakes.push(...checkLine(line, ["lines", slug]));
  for (const [slug, { head, rules }] of document.sources) {
    const path = ["sources", slug];
    if (rules !== null) mistakes.push(...checkRules(rules));
    if (head !== null) warnings.push(...secretWarnings(head, path), ...topicWarnings(deps, head.preset, rules ?? []));
    const checked = head === null ? null : checkSource(slug, head, presets, path);
    if (checked?.ok === false) mistakes.push(...checked.mistakes);
    sources.push({
      slug,
      source: checked?.ok ? checked.source : null,
      secrets: head === null ? null : await sealSecrets(deps, { ...head, slug }),
      isFile: true,
      ...(head === null ? {} : await sealCredential(deps, head.api)),
      baseUrl: checked?.ok ? checked.baseUrl : null,
      rules:
        rules?.map(({ rule: { name, ...definition }, path: rulePath }) => ({ name, definition, path: rulePath })) ??
        null,
      path,
    });
  }
  const lines = [...document.lines].map(([slug, line]) => lineSettingsOf(slug, line));
  const planner = { ports: hookPorts(c), owner: reader.name, place: targetPlace(c), seesAll: seesAll(reader) };
  const hooks = await planHooks(planner, await deps.stores.hooks.list(null), document.hooks);
  mistakes.push(...hooks.mistakes);
  warnings.push(...hooks.warnings);
  return { config: { lines, lineNames: document.lineNames, sources }, hooks, mistakes, warnings };
}

/** A warning: a secret in the file is visible to everybody who reads the file. */
function secretWarnings({ secrets, api }: SourceBody, path: Path): Mistake[] {
  const reason = "the secret is written out in the file: put it into an environment variable and write { env: NAME }";
  const written = (secrets ?? []).flatMap((one, index) =>
    typeof one === "string" ? [[...path, "secrets", index]] : [],
  );
  if (typeof api?.credential === "string") written.push([...path, "api", "credential"]);
  return written.map((place) => ({ path: place, reason }));
}

/** Event types in `on` of rules that the preset does not know. */
function topicWarnings(
  { presetGuide }: ApiDeps,
  preset: string,
  rules: NonNullable<DocumentSource["rules"]>,
): Mistake[] {
  return rules.flatMap(({ rule, path }) =>
    (rule.on ?? []).flatMap((topic, index) => {
      const reason = presetGuide.topicAdvice(preset, topic);
      return reason === null ? [] : [{ path: [...path, "on", index], reason }];
    }),
  );
}

function answerOf(
  dryRun: boolean,
  { changes, left }: Pick<ConfigPlan, "changes" | "left">,
  stored: StoredConfig,
  { config, hooks }: Wanted,
) {
  const lines = new Set(config.lineNames);
  const sources = new Set(config.sources.map(({ slug }) => slug));
  return {
    dry_run: dryRun,
    changes: [...changes, ...hooks.changes],
    // Stored names that the document omits. They stay unchanged.
    left_alone: {
      lines: stored.lines.map(({ slug }) => slug).filter((slug) => !lines.has(slug)),
      sources: openSources(stored)
        .map(({ slug }) => slug)
        .filter((slug) => !sources.has(slug)),
      hooks: hooks.leftAlone,
    },
    // Secrets of a running rotation, in sources that the document names.
    left_secrets: left.map((one) => leftSecretView(one, "file")),
  };
}
