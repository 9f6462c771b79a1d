import { type Context, Hono } from "hono";
import { emptyPlan } from "../../../domain/config/change-plan.ts";
import { planConfig } from "../../../domain/config/changes.ts";
import { checkLine, lineSettingsOf } from "../../../domain/config/check.ts";
import { rulesOnLine } from "../../../domain/config/rule-changes.ts";
import { pauseAllNow, pauseNow, resumeAllNow, resumeNow } from "../../../flows/calling/pause.ts";
import { allConfirmed, type Confirmation } from "../../../flows/config/confirmation.ts";
import { type Connected, connectLine } from "../../../flows/config/connect-mihu.ts";
import { randomText } from "../../../platform/hashes.ts";
import { confirmationView } from "../../../views/confirmation.ts";
import { lineView, waitingCountedMax } from "../../../views/lines/line.ts";
import { actorOf } from "../../../views/reader.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { ProblemError, problem } from "../../problem.ts";
import { announceKeys } from "../announce.ts";
import { changeConfig, isStillReferredTo, logUntold, mistaken } from "../config-change.ts";
import { namedBy } from "../path-name.ts";
import { connectBody, lineBody, pauseBody, resumeBody } from "../schemas/line.ts";
import { stoppedAnswer } from "../stopped.ts";
import { jsonBody } from "../validate.ts";

const noLine = { detail: "There is no line of this name." };

/** `/v1/lines`: Mihu agents with their pace. */
export function lineRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use("/:slug", namedBy("slug"));
  app.use("/:slug/*", namedBy("slug"));

  app.get("/", allow("calls:read", "admin"), async (c) => {
    const { config, lookups } = c.var.deps.stores;
    const [stored, paces] = await Promise.all([config.read(), lookups.linePaces(null, waitingCountedMax)]);
    const paceOf = new Map(paces.map((pace) => [pace.line, pace]));
    const data = stored.lines.map((line) =>
      lineView(line, { pace: paceOf.get(line.slug), rules: rulesOnLine(stored, line.slug) }),
    );
    return c.json({ data });
  });
  app.get("/:slug", allow("calls:read", "admin"), (c) => respondLine(c));

  app.put("/:slug", allow("admin"), jsonBody(lineBody), async (c) => {
    const slug = c.req.param("slug");
    const document = c.req.valid("json");
    const mistakes = checkLine(document, []);
    if (mistakes.length > 0) throw mistaken("invalid", mistakes);
    const { changes, told } = await changeConfig(c, "invalid", (stored) =>
      planConfig(stored, { lines: [lineSettingsOf(slug, document)], lineNames: [slug], sources: [] }),
    );
    return await respondLine(c, changes[0]?.kind === "create" ? 201 : 200, told);
  });

  app.delete("/:slug", allow("admin"), (c) => removeLine(c, c.req.param("slug")));

  app.post("/:slug/pause", allow("admin"), jsonBody(pauseBody), async (c) => {
    const slug = c.req.param("slug");
    // Unknown lines are rejected first: a request to a Durable Object creates it.
    if ((await respondLine(c)).status === 404) return problem("not_found", noLine);
    const stopped = await pauseNow(linePausePorts(c), slug, c.req.valid("json").reason, actorOf(c.var.reader));
    return await respondLine(c, 200, { stopped: stoppedAnswer(c, stopped) });
  });
  app.post("/:slug/resume", allow("admin"), jsonBody(resumeBody), async (c) => {
    const { reason } = c.req.valid("json");
    const resumed = await resumeNow(linePausePorts(c), c.req.param("slug"), reason, actorOf(c.var.reader));
    logUntold(c, resumed);
    return await respondLine(c, 200, confirmationView(resumed));
  });
  app.post("/pause", allow("admin"), jsonBody(pauseBody), async (c) => {
    const lines = await pauseAllNow(linePausePorts(c), c.req.valid("json").reason, actorOf(c.var.reader));
    return c.json({
      data: lines.map(({ line, reason, stopped }) => ({ line, reason, stopped: stoppedAnswer(c, stopped) })),
    });
  });
  app.post("/resume", allow("admin"), jsonBody(resumeBody), async (c) => {
    const lines = await resumeAllNow(linePausePorts(c), c.req.valid("json").reason, actorOf(c.var.reader));
    for (const { confirmation } of lines) logUntold(c, confirmation);
    return c.json({ data: lines.map(({ line, confirmation }) => ({ line, ...confirmationView(confirmation) })) });
  });

  app.post("/:slug/connect", allow("admin"), jsonBody(connectBody), (c) =>
    connectWebhook(c, c.req.param("slug"), c.req.valid("json").rotate),
  );
  app.post("/:slug/webhook", allow("admin"), (c) => renewWebhook(c, c.req.param("slug")));
  return app;
}

/** Removes a line that no rule and no call refers to. */
async function removeLine(c: Context<AppEnv>, slug: string): Promise<Response> {
  try {
    const { told } = await changeConfig(c, "invalid", (stored) => {
      if (!stored.lines.some((line) => line.slug === slug)) return null;
      const rules = rulesOnLine(stored, slug);
      if (rules.length > 0)
        throw new ProblemError("in_use", {
          detail: `These rules use the line: ${rules.join(", ")}. Give them another line first.`,
        });
      return {
        ...emptyPlan(),
        changes: [{ kind: "remove", what: "line", name: slug }],
        writes: [{ do: "remove_line", slug }],
      };
    });
    // 204 without a body: every Worker has confirmed that the line's key is removed.
    return told.confirmed ? c.body(null, 204) : c.json(told);
  } catch (error) {
    if (!isStillReferredTo(error)) throw error;
    return problem("in_use", {
      detail: "Calls were made on this line and refer to it, so it cannot be removed. Pause it instead.",
    });
  }
}

/**
 * Registers the line's outcome webhook with Mihu.
 *
 * @param rotate Makes a new key and secret even if the current ones are valid.
 */
async function connectWebhook(c: Context<AppEnv>, line: string, rotate: boolean): Promise<Response> {
  const base = publicBase(c);
  if (base === null) return problem("no_public_url");
  const { agentWebhooks, identity, stores } = c.var.deps;
  const { proposeWebhook, settleWebhook } = stores.lineWebhooks;
  const told: Confirmation[] = [];
  const ports = {
    store: {
      ...stores.lineWebhooks,
      // Mihu gets the new key only after every Worker accepts it.
      async proposeWebhook(...proposed: Parameters<typeof proposeWebhook>) {
        await proposeWebhook(...proposed);
        told.push(await announceKeys(c.var.deps));
      },
      // The previous key is revoked after Mihu has the new one.
      async settleWebhook(...settled: Parameters<typeof settleWebhook>) {
        const known = await settleWebhook(...settled);
        if (known) told.push(await announceKeys(c.var.deps));
        return known;
      },
    },
    agents: agentWebhooks,
    hash: identity.sha256Hex,
    make: () => newWebhook(c),
  };
  const connected = await connectLine(ports, { line, base, rotate, actor: actorOf(c.var.reader) });
  const confirmation = allConfirmed(told);
  logUntold(c, confirmation);
  return connected.ok
    ? c.json({ line, did: connected.did, ...confirmationView(confirmation) })
    : notConnected(connected);
}

/** Creates a new URL and secret for the line's outcome webhooks. The response is the only place that shows them. */
async function renewWebhook(c: Context<AppEnv>, line: string): Promise<Response> {
  const { key, secret, ...webhook } = await newWebhook(c);
  const known = await c.var.deps.stores.lineWebhooks.setWebhook(line, webhook, actorOf(c.var.reader));
  if (!known) return problem("not_found", noLine);
  const confirmation = await announceKeys(c.var.deps);
  logUntold(c, confirmation);
  return c.json({ path: `/in/mihu/${key}`, secret, ...confirmationView(confirmation) });
}

/** A new key and secret. The key is stored as a hash, the secret sealed. */
async function newWebhook(c: Context<AppEnv>) {
  const { identity, sealer } = c.var.deps;
  const [key, secret] = [randomText(), randomText()];
  return { key, secret, keyHash: identity.sha256Hex(key), sealedSecret: await sealer.seal(secret) };
}

function linePausePorts(c: Context<AppEnv>) {
  const { clock, stores, lines } = c.var.deps;
  return { clock, pauses: stores.pauses, lines };
}

/** Base URL of the line's outcome webhooks. In local mode the request's own origin is used. */
function publicBase(c: Context<AppEnv>): string | null {
  const { mode, publicUrl } = c.var.deps;
  if (mode === "local") return publicUrl ?? new URL(c.req.url).origin;
  return publicUrl?.startsWith("https://") === true ? publicUrl : null;
}

function notConnected({ reason, detail }: Extract<Connected, { ok: false }>): Response {
  switch (reason) {
    case "no_line":
      return problem("not_found", noLine);
    case "limit_reached":
      return problem("webhook_limit_reached");
    case "raced":
      return problem("mihu_refused", { detail: `${detail}; connect it again.`, members: { reason } });
    case "unknown":
      return problem("mihu_refused", {
        detail: `${detail}; Mihu may have made the change. Connect again, which is safe to repeat.`,
        members: { reason },
      });
    case "unauthenticated":
    case "agent_missing":
    case "refused":
      return problem("mihu_refused", {
        detail: detail === "" ? "Mihu does not know the line's agent. Correct the line's `agent`." : `${detail}.`,
        members: { reason },
      });
  }
}

async function respondLine(c: Context<AppEnv>, status: 200 | 201 = 200, more: object = {}): Promise<Response> {
  const { config, lookups } = c.var.deps.stores;
  const slug = c.req.param("slug") ?? "";
  const [stored, [pace]] = await Promise.all([config.read(), lookups.linePaces(slug, waitingCountedMax)]);
  const line = stored.lines.find((one) => one.slug === slug);
  if (line === undefined) return problem("not_found", noLine);
  return c.json({ ...lineView(line, { pace, rules: rulesOnLine(stored, slug) }), ...more }, status);
}
