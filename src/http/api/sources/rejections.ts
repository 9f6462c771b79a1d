import { type Context, Hono } from "hono";
import { bodyBytesMax } from "../../../domain/limits.ts";
import { diagnose } from "../../../flows/ingest/diagnose.ts";
import { acceptRejections, reviewRejections } from "../../../flows/ingest/rejections.ts";
import type { SourceCopy } from "../../../ports/source-copy.ts";
import { actorOf } from "../../../views/reader.ts";
import { acceptedView, explainedView, refusedMinuteView, rejectionView } from "../../../views/sources/rejection.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { acceptRejectionsBody, type VerifyBody, verifyBody } from "../schemas/doctor.ts";
import { jsonBody } from "../validate.ts";
import { pastedRequest } from "./pasted-request.ts";
import { noSource } from "./sources.ts";

/**
 * `/v1/sources/:slug/…`: rejected webhooks, and the reasons.
 *
 * | request                  | response                                                                                       |
 * | ------------------------ | ---------------------------------------------------------------------------------------------- |
 * | `GET rejections`         | 200: the newest rejections, each with advice, and whether it verifies now                      |
 * | `POST rejections/accept` | 200: the result of each. A request that verifies now is accepted with its own time of arrival  |
 * | `POST verify`            | 200: the verdict about a pasted request, valid or not                                          |
 */
export function rejectionRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();

  app.get("/:slug/rejections", allow("calls:read", "admin"), async (c) => {
    const source = await sourceOf(c);
    if (source === null) return problem("not_found", noSource);
    const reviewed = await reviewRejections(ports(c), source);
    const minutes = await c.var.deps.stores.rejections.minutes(source.slug);
    return c.json({ data: reviewed.map(rejectionView), minutes: minutes.map(refusedMinuteView) });
  });

  app.post("/:slug/rejections/accept", allow("admin"), jsonBody(acceptRejectionsBody), async (c) => {
    const source = await sourceOf(c);
    if (source === null || source.disconnected === true) return problem("not_found", noSource);
    const { ids, reason = null, dry_run } = c.req.valid("json");
    const wanted = { ids: ids?.map((id) => id.toLowerCase()) ?? null, dryRun: dry_run };
    const ends = await acceptRejections(ports(c), source, wanted, { actor: actorOf(c.var.reader), reason });
    const count = (end: string) => ends.filter((one) => one.end === end).length;
    return c.json({ dry_run, accepted: count("accepted"), refused: count("refused"), data: ends.map(acceptedView) });
  });

  app.post("/:slug/verify", allow("admin"), jsonBody(verifyBody), (c) => verifyPasted(c, c.req.valid("json")));
  return app;
}

async function verifyPasted(c: Context<AppEnv>, pasted: VerifyBody): Promise<Response> {
  const source = await sourceOf(c);
  if (source === null) return problem("not_found", noSource);
  const { clock, mode, publicUrl } = c.var.deps;
  const address = publicUrl ?? (mode === "local" ? new URL(c.req.url).origin : null);
  const request = pastedRequest(pasted, source.slug, address);
  if (request.body.byteLength > bodyBytesMax)
    return problem("too_large", { detail: `A webhook may carry ${bodyBytesMax} bytes.` });
  const { url: doorUrl } = pastedRequest({ ...pasted, url: pathOf(pasted.url) }, source.slug, address);
  const diagnosis = await diagnose(ports(c), source, {
    request,
    doorUrl,
    at: pasted.at ?? clock.now(),
    isLocal: mode === "local",
  });
  return c.json(explainedView(diagnosis));
}

function pathOf(url: string | undefined): string | undefined {
  return url?.replace(/^https?:\/\/[^/?#\s]+/i, "");
}

/** The source as stored now. An inbox's copy may still lack a secret that was just corrected. */
async function sourceOf(c: Context<AppEnv>): Promise<SourceCopy | null> {
  return await c.var.deps.stores.sources.copy(c.req.param("slug") ?? "");
}

function ports(c: Context<AppEnv>) {
  const { identity, inboxes, webhooks, doctor, stores } = c.var.deps;
  return { identity, inboxes, webhooks, doctor, rejections: stores.rejections };
}
