import { type Context, Hono } from "hono";
import { checkRule } from "../../../domain/config/check.ts";
import { planRule, planRuleRemoval } from "../../../domain/config/rule-changes.ts";
import type { StoredRule, StoredSource } from "../../../domain/config/stored.ts";
import { actorName, tokensOf } from "../../../views/actors.ts";
import { ruleView } from "../../../views/sources/config.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { ProblemError, problem } from "../../problem.ts";
import { changeConfig, fetchablesOf, mistaken } from "../config-change.ts";
import { namedBy } from "../path-name.ts";
import { saveRuleQuery, waitingQuery } from "../schemas/queries.ts";
import { ruleBody } from "../schemas/rule.ts";
import { jsonBody, query } from "../validate.ts";
import { configReader, noSource } from "./sources.ts";

const noRule = { detail: "There is no rule of this name." };

/** `/v1/sources/:slug/rules`: the events that become calls, and their texts. The routes of sources check the slug. */
export function ruleRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use("/:slug/rules/:name", namedBy("name"));
  app.use("/:slug/rules/:name/*", namedBy("name"));

  app.get("/:slug/rules", allow("calls:read", "admin"), async (c) => {
    const source = await sourceOf(c);
    if (source === undefined) return problem("not_found", noSource);
    return c.json({ data: source.rules.map((rule) => ruleView(rule, configReader(c))) });
  });
  app.get("/:slug/rules/:name", allow("calls:read", "admin"), (c) => respondRule(c));
  app.get("/:slug/rules/:name/versions", allow("calls:read", "admin"), async (c) => {
    const { config, lookups } = c.var.deps.stores;
    const versions = await config.ruleVersions(c.req.param("slug"), c.req.param("name"));
    if (versions.length === 0) return problem("not_found", noRule);
    const names = await lookups.tokenNames(tokensOf(versions.map(({ createdBy }) => createdBy)));
    const data = versions.map((rule) => ({
      ...ruleView(rule, configReader(c)),
      ...{ by: actorName(rule.createdBy, names), in_force: rule.current },
    }));
    return c.json({ data });
  });

  app.put("/:slug/rules/:name", allow("admin"), query(saveRuleQuery), jsonBody(ruleBody, "rule_invalid"), async (c) => {
    const { position, ...definition } = c.req.valid("json");
    const name = c.req.param("name");
    const mistakes = checkRule(name, definition, []);
    if (mistakes.length > 0) throw mistaken("rule_invalid", mistakes);
    const rule = { name, definition, path: [] };
    const { waiting, if_version } = c.req.valid("query");
    const { changes, told } = await changeConfig(
      c,
      "rule_invalid",
      (stored) => {
        const plan = planRule(stored, c.req.param("slug"), rule, position ?? null, fetchablesOf(c.var.deps));
        const newest = ruleOf(c, stored.sources)?.version ?? 0;
        if (plan !== null && if_version !== undefined && if_version !== newest) throw new ProblemError("rule_changed");
        return plan;
      },
      waiting,
    );
    return await respondRule(c, changes[0]?.kind === "create" ? 201 : 200, told);
  });

  // 204 without a body: no call was queued for the rule, and every inbox has confirmed its removal.
  app.delete("/:slug/rules/:name", allow("admin"), query(waitingQuery), async (c) => {
    const { told } = await changeConfig(
      c,
      "rule_invalid",
      (stored) => planRuleRemoval(stored, c.req.param("slug"), c.req.param("name")),
      c.req.valid("query").waiting,
    );
    return "stopped" in told || !told.confirmed ? c.json(told) : c.body(null, 204);
  });
  return app;
}

async function sourceOf(c: Context<AppEnv>) {
  const { sources } = await c.var.deps.stores.config.read();
  return sources.find(({ slug }) => slug === c.req.param("slug"));
}

function ruleOf(c: Context<AppEnv>, sources: readonly StoredSource[]): StoredRule | undefined {
  const source = sources.find(({ slug }) => slug === c.req.param("slug"));
  return source?.rules.find(({ name }) => name === c.req.param("name"));
}

async function respondRule(c: Context<AppEnv>, status: 200 | 201 = 200, more: object = {}): Promise<Response> {
  const rule = ruleOf(c, (await c.var.deps.stores.config.read()).sources);
  if (rule === undefined) return problem("not_found", noRule);
  return c.json({ ...ruleView(rule, configReader(c)), ...more }, status);
}
