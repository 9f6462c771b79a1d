import { type Context, Hono } from "hono";
import { bodyBytesMax } from "../../../domain/limits.ts";
import { diagnose } from "../../../flows/ingest/diagnose.ts";
import { acceptRejections, reviewRejections } from "../../../flows/ingest/rejections.ts";
import type { SourceCopy } from "../../../ports/source-copy.ts";
import { actorOf } from "../../../views/reader.ts";
import { acceptedView, explainedView, rejectionView } from "../../../views/sources/rejection.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { pastedRequest } from "../pasted-request.ts";
import { acceptRejectionsBody, verifyBody } from "../schemas/doctor.ts";
import { jsonBody } from "../validate.ts";
import { noSource } from "./sources.ts";

/**
 * `/v1/sources/:slug/…`: what was refused at the door, and why.
 *
 * | asked                    | answer                                                                                              |
 * | ------------------------ | --------------------------------------------------------------------------------------------------- |
 * | `GET rejections`         | 200: the newest, each with what to change, and whether it verifies now                                |
 * | `POST rejections/accept` | 200: what became of each; those that verify now are taken, at the time at which they came             |
 * | `POST verify`            | 200: what the door would say of a pasted request, whatever that is                                    |
 */
export function rejectionRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();

  app.get("/:slug/rejections", allow("calls:read", "admin"), async (c) => {
    const source = await sourceOf(c);
    if (source === null) return problem("not_found", noSource);
    const reviewed = await reviewRejections(ports(c), source);
    return c.json({ data: reviewed.map(rejectionView) });
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

  app.post("/:slug/verify", allow("admin"), jsonBody(verifyBody), async (c) => {
    const source = await sourceOf(c);
    if (source === null) return problem("not_found", noSource);
    const asked = c.req.valid("json");
    const { clock, mode, publicUrl } = c.var.deps;
    const address = publicUrl ?? (mode === "local" ? new URL(c.req.url).origin : null);
    const request = pastedRequest(asked, source.slug, address);
    if (request.body.byteLength > bodyBytesMax)
      return problem("too_large", { detail: `A webhook may carry ${bodyBytesMax} bytes.` });
    const { url: doorUrl } = pastedRequest({ ...asked, url: pathOf(asked.url) }, source.slug, address);
    const told = await diagnose(ports(c), source, {
      request,
      doorUrl,
      at: asked.at ?? clock.now(),
      isLocal: mode === "local",
    });
    return c.json(explainedView(told));
  });
  return app;
}

function pathOf(url: string | undefined): string | undefined {
  return url?.replace(/^https?:\/\/[^/?#\s]+/i, "");
}

/** As it is stored now: a copy may be older than what somebody has just mended. */
async function sourceOf(c: Context<AppEnv>): Promise<SourceCopy | null> {
  return await c.var.deps.stores.sources.copy(c.req.param("slug") ?? "");
}

function ports(c: Context<AppEnv>) {
  const { identity, inboxes, webhooks, doctor, stores } = c.var.deps;
  return { identity, inboxes, webhooks, doctor, rejections: stores.rejections };
}
