/** The API under `/v1`: authentication, body limits, then the routes. */
import { Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { readJson } from "../../domain/json.ts";
import { bodyBytesMax } from "../../domain/limits.ts";
import { aborted } from "../../platform/body.ts";
import { authenticate } from "../auth/authenticate.ts";
import type { AppEnv } from "../deps.ts";
import { problem } from "../problem.ts";
import { auditRoutes } from "./admin/audit.ts";
import { configRoutes } from "./admin/config.ts";
import { lineRoutes } from "./admin/lines.ts";
import { resealRoutes } from "./admin/reseal.ts";
import { tokenRoutes } from "./admin/tokens.ts";
import { callBulkRoutes } from "./calls/call-bulk.ts";
import { callDecisionRoutes } from "./calls/call-decisions.ts";
import { callRoutes } from "./calls/calls.ts";
import { erasureRoutes } from "./calls/erasures.ts";
import { eventRoutes } from "./calls/events.ts";
import { findRoutes } from "./calls/find.ts";
import { orderRoutes } from "./calls/orders.ts";
import { receiptRoutes } from "./calls/receipts.ts";
import { replayRoutes } from "./calls/replay.ts";
import { statisticsRoutes } from "./calls/statistics.ts";
import { suppressionRoutes } from "./calls/suppressions.ts";
import { deliveryRoutes } from "./hooks/deliveries.ts";
import { feedRoutes } from "./hooks/feed.ts";
import { hookRoutes } from "./hooks/hooks.ts";
import { noteRoutes } from "./people/notes.ts";
import { readingRoutes } from "./people/readings.ts";
import { assignRoutes, reviewRoutes } from "./people/review.ts";
import { transcriptRoutes } from "./people/transcripts.ts";
import { selfRoutes } from "./self.ts";
import { mappingRoutes } from "./sources/mapping.ts";
import { presetRoutes } from "./sources/presets.ts";
import { rejectionRoutes } from "./sources/rejections.ts";
import { ruleRoutes } from "./sources/rules.ts";
import { sourceDecisionRoutes } from "./sources/source-changes.ts";
import { sourceRoutes } from "./sources/sources.ts";
import { taskRoutes } from "./tasks/tasks.ts";

/** Bytes of a request's body: enough for a document of hundreds of rules. */
const apiBodyBytesMax = 262_144;

/** Bytes of a body that contains a whole webhook. JSON escapes can double its length. */
const webhookBodyBytesMax = apiBodyBytesMax + 2 * bodyBytesMax;
const carriesWebhook = /\/sources\/[^/]+\/(?:preview|verify)$/;

/** @returns The API's routes. */
export function apiRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(authenticate);
  const [limited, widelyLimited] = [limitedTo(apiBodyBytesMax), limitedTo(webhookBodyBytesMax)];
  app.use((c, next) => (carriesWebhook.test(c.req.path) ? widelyLimited : limited)(c, next));
  app.use(readableJson);
  app.route("/", selfRoutes());
  app.route("/calls", callRoutes());
  app.route("/calls", callDecisionRoutes());
  app.route("/calls", callBulkRoutes());
  app.route("/calls", assignRoutes());
  app.route("/calls", transcriptRoutes());
  app.route("/review", reviewRoutes());
  app.route("/calls", receiptRoutes());
  app.route("/audit", auditRoutes());
  app.route("/audit", readingRoutes());
  app.route("/find", findRoutes());
  app.route("/orders", orderRoutes());
  app.route("/orders", noteRoutes());
  app.route("/events", eventRoutes());
  app.route("/events", replayRoutes());
  app.route("/feed", feedRoutes());
  app.route("/erasures", erasureRoutes());
  app.route("/deliveries", deliveryRoutes());
  app.route("/tasks", taskRoutes());
  app.route("/hooks", hookRoutes());
  app.route("/lines", lineRoutes());
  app.route("/sources", sourceRoutes());
  app.route("/sources", ruleRoutes());
  app.route("/sources", rejectionRoutes());
  app.route("/sources", mappingRoutes());
  app.route("/sources", sourceDecisionRoutes());
  app.route("/presets", presetRoutes());
  app.route("/reseal", resealRoutes());
  app.route("/statistics", statisticsRoutes());
  app.route("/suppressions", suppressionRoutes());
  app.route("/tokens", tokenRoutes());
  app.route("/config", configRoutes());
  return app;
}

function limitedTo(bytesMax: number): MiddlewareHandler<AppEnv> {
  const limit = bodyLimit({
    maxSize: bytesMax,
    onError: () => problem("too_large", { detail: `A request may carry ${bytesMax} bytes.` }),
  });
  return async function limited(c, next) {
    let isRead = false;
    const goOn = (): Promise<void> => {
      isRead = true;
      return next();
    };
    // Without a content length, the limit counts while it reads.
    return await limit(c, goOn).catch((error) => {
      if (isRead) throw error;
      return aborted(error);
    });
  };
}

const json = /^application\/(?:[\w.+-]+\+)?json(?:\s*;|\s*$)/i;

/**
 * Rejects a body that is not JSON, or is nested so deeply that a recursive reader would overflow. An empty body passes.
 */
const readableJson: MiddlewareHandler<AppEnv> = async function readableJson(c, next) {
  if (c.req.method === "GET" || c.req.method === "HEAD") return await next();
  const text = await c.req.text().catch(aborted);
  if (text === "") return await next();
  if (!json.test(c.req.header("content-type") ?? "")) return problem("unsupported_media_type");
  const read = readJson(text);
  if (!read.ok) return problem("not_json", { detail: `The body cannot be read: ${read.detail}.` });
  return await next();
};
