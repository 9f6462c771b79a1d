import { type Context, Hono } from "hono";
import type { WantedSecret } from "../../../domain/config/change-plan.ts";
import { planSecretAdded, planSecretRemoval } from "../../../domain/config/secret-changes.ts";
import { weakSecret } from "../../../domain/config/secret-strength.ts";
import { secretMistake } from "../../../domain/config/secret-text.ts";
import { parseDuration } from "../../../domain/rules/duration.ts";
import {
  fetchSourceNow,
  pauseSourceNow,
  resumeSourceNow,
  type ShardedSource,
} from "../../../flows/config/pause-source.ts";
import type { FetchNow } from "../../../ports/planning/records.ts";
import { confirmationView } from "../../../views/confirmation.ts";
import { actorOf } from "../../../views/reader.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { ProblemError, problem } from "../../problem.ts";
import { isUuid } from "../../uuid.ts";
import { changeConfig, logUntold, sealSecret } from "../config-change.ts";
import { pauseBody, resumeBody } from "../schemas/line.ts";
import { secretBody, secretRemovalQuery } from "../schemas/source.ts";
import { jsonBody, query } from "../validate.ts";
import { noSource, respondSource } from "./sources.ts";

/**
 * `/v1/sources/:slug/…`: an administrator's decisions about a source.
 *
 * | request               | response                                                                                      |
 * | --------------------- | --------------------------------------------------------------------------------------------- |
 * | `POST pause`          | 200: webhooks are accepted, and no event is planned                                           |
 * | `POST resume`         | 200: waiting events are planned in order                                                      |
 * | `POST fetch-now`      | 202: events that wait for a record are tried at once; their number, and the source            |
 * | `POST secrets`        | 201: the secret verifies from now on; the others expire when `retire_others_in` has passed    |
 * | `DELETE secrets/:id`  | 200: the secret no longer verifies; 409 for the last one, unless `force=true`                 |
 *
 * A change is in effect when it is answered. `confirmed` says whether every inbox of the source also has it for times
 * without Postgres.
 */
export function sourceDecisionRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();

  app.post("/:slug/pause", allow("admin"), jsonBody(pauseBody), async (c) => {
    const slug = c.req.param("slug");
    const source = await openSource(c, slug);
    if (source === undefined) return problem("not_found", noSource);
    const { reason } = c.req.valid("json");
    const confirmation = await pauseSourceNow(sourcePausePorts(c), source, reason, actorOf(c.var.reader));
    logUntold(c, confirmation);
    return await respondSource(c, 200, confirmationView(confirmation));
  });
  app.post("/:slug/resume", allow("admin"), jsonBody(resumeBody), async (c) => {
    const slug = c.req.param("slug");
    const source = await openSource(c, slug);
    if (source === undefined) return problem("not_found", noSource);
    const { reason } = c.req.valid("json");
    const confirmation = await resumeSourceNow(sourcePausePorts(c), source, reason, actorOf(c.var.reader));
    logUntold(c, confirmation);
    return await respondSource(c, 200, confirmationView(confirmation));
  });

  app.post("/:slug/fetch-now", allow("admin"), jsonBody(resumeBody), async (c) => {
    const slug = c.req.param("slug");
    const source = await openSource(c, slug);
    const { reason } = c.req.valid("json");
    const done = source && (await fetchSourceNow(sourcePausePorts(c), source, reason, actorOf(c.var.reader)));
    if (!done?.asked) return problem("not_found", noSource);
    const { asked, confirmation } = done;
    logUntold(c, confirmation);
    const detail = fetchNowSentence(asked, confirmation.confirmed);
    return c.json(
      { source: slug, events: asked.waiting, paused: asked.paused, ...confirmationView(confirmation), detail },
      202,
    );
  });

  app.post("/:slug/secrets", allow("admin"), jsonBody(secretBody), async (c) => {
    const { env = null, value, retire_others_in } = c.req.valid("json");
    const slug = c.req.param("slug");
    const sealed: WantedSecret & { kind: "value" } = await sealSecret(c.var.deps, env, value);
    const overlap = retire_others_in === undefined ? null : parseDuration(retire_others_in);
    const endsAtMs = overlap?.ok === true ? c.var.deps.clock.now() + overlap.ms : null;
    const { told } = await changeConfig(c, "invalid", (stored) => {
      const source = stored.sources.find((one) => one.slug === slug);
      const weak = source && weakSecret(value, c.var.deps.presetGuide.secretOrigin(source));
      const plan = planSecretAdded(stored, slug, { ...sealed, weak: weak ?? null }, endsAtMs);
      const mistake = secretMistake(value);
      if (plan !== null && mistake !== null) plan.mistakes.push({ path: ["value"], reason: mistake });
      return plan;
    });
    return await respondSource(c, 201, told);
  });

  app.delete("/:slug/secrets/:id", allow("admin"), query(secretRemovalQuery), async (c) => {
    const id = c.req.param("id").toLowerCase();
    if (!isUuid(id)) return problem("not_found", { detail: "The source has no secret of this id." });
    const how = { nowMs: c.var.deps.clock.now(), force: c.req.valid("query").force === "true" };
    const { told } = await changeConfig(c, "invalid", (stored) => {
      const plan = planSecretRemoval(stored, c.req.param("slug"), id, how);
      if (plan === "last")
        throw new ProblemError("last_secret", {
          detail:
            "It is the source's last secret: without it every webhook is refused. ?force=true removes it nevertheless.",
        });
      return plan;
    });
    return await respondSource(c, 200, told);
  });
  return app;
}

function fetchNowSentence({ waiting, paused }: NonNullable<FetchNow>, isConfirmed: boolean): string {
  if (waiting === 0)
    return "No event of this source waits for a record. The next webhook that needs one tries the API.";
  const events = waiting === 1 ? "One event waits for a record" : `${waiting} events wait for a record`;
  const when = isConfirmed ? "tried now" : "tried within a minute, because an inbox did not answer";
  return paused ? `${events}, and the source is paused: resume it, which tries them at once.` : `${events}, ${when}.`;
}

async function openSource(c: Context<AppEnv>, slug: string): Promise<ShardedSource | undefined> {
  const { sources } = await c.var.deps.stores.config.read();
  return sources.find((one) => one.slug === slug && one.disconnectedAt === null);
}

function sourcePausePorts(c: Context<AppEnv>) {
  const { stores, inboxes, clock } = c.var.deps;
  return { pauses: stores.sourcePauses, inboxes, clock };
}
