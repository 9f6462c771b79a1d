import { type Context, Hono } from "hono";
import { type HookPayload, renderTestBody } from "../../../domain/hooks/body.ts";
import { patternsForAdmin, testEventType } from "../../../domain/hooks/event-types.ts";

import {
  changeHook,
  hookMistakes,
  type SubscribePorts,
  storedTarget,
  subscribe,
  type TargetPlace,
} from "../../../flows/hooks/subscribe.ts";
import { newSigningSecret } from "../../../platform/signature/standard-webhook.ts";
import type { HookRow } from "../../../ports/hooks/hooks.ts";
import { readCursor, writeCursor } from "../../../views/cursor.ts";
import { exportedDeliveries } from "../../../views/exports/lists.ts";
import { deliveryView, hookView } from "../../../views/hooks/hook.ts";
import { actorOf, seesAll } from "../../../views/reader.ts";
import { taskView } from "../../../views/tasks/task.ts";
import { allow, lacking } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { type ProblemError, problem } from "../../problem.ts";
import { isUuid } from "../../uuid.ts";
import { mistaken } from "../config-change.ts";
import { answerExport } from "../exports/answer.ts";
import { deliveriesExportQuery } from "../schemas/exports.ts";
import {
  deliveriesQuery,
  hookBody,
  hookChangeBody,
  hookPauseBody,
  redeliverBody,
  unsubscribeQuery,
} from "../schemas/hook.ts";
import { jsonBody, query } from "../validate.ts";

const noHook = { detail: "There is no hook of this id, or it belongs to another token's name." };

/** `/v1/hooks`: URLs that are told when calls change. A token without `admin` has the hooks of its own name. */
export function hookRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.use(allow("hooks:write", "admin"));

  app.get("/", async (c) => {
    const rows = await c.var.deps.stores.hooks.list(isAdmin(c) ? null : c.var.reader.name);
    const seen = rows.filter((hook) => maySee(c, hook));
    return c.json({ data: seen.map((hook) => hookView(hook, c.var.deps.clock.now())) });
  });

  app.post("/", jsonBody(hookBody), async (c) => {
    const { new_secret: newSecret, target_url: targetUrl, ...request } = c.req.valid("json");
    const wanted = {
      owner: c.var.reader.name,
      targetUrl: storedTarget(targetUrl, targetPlace(c)),
      newSecret: newSecret === true,
    };
    // A token of the same name may have made a hook that this one may not, and fields that are left out stay.
    const known = await c.var.deps.stores.hooks.findByUrl(wanted.owner, wanted.targetUrl);
    if (known !== null && !maySee(c, known)) return lacking(["admin"]);
    const { format = known?.format, payload = known?.payload } = request;
    const refused =
      refuseWish(c, { events: request.events, format, payload }) ??
      refuseMistakes(c, { ...request, format, target_url: targetUrl });
    if (refused !== null) return refused;
    const done = await subscribe(hookPorts(c), wanted, request, actorOf(c.var.reader));
    if (!done.ok) return problem(done.problem);
    await c.var.deps.dispatcher.changed();
    const shown = hookView(done.hook, c.var.deps.clock.now());
    return c.json(done.secret === null ? shown : { ...shown, secret: done.secret }, done.made ? 201 : 200);
  });

  app.delete("/", query(unsubscribeQuery), async (c) => {
    const targetUrl = storedTarget(c.req.valid("query").target_url, targetPlace(c));
    const found = await c.var.deps.stores.hooks.findByUrl(c.var.reader.name, targetUrl);
    // Gone already is what the request asked for.
    if (found !== null && !maySee(c, found)) return lacking(["admin"]);
    if (found !== null) await remove(c, found.id);
    return c.body(null, 204);
  });

  app.get("/:id", (c) => withHook(c, (hook) => c.json(hookView(hook, c.var.deps.clock.now()))));

  app.patch("/:id", jsonBody(hookChangeBody), (c) =>
    withHook(c, async (hook) => {
      const request = c.req.valid("json");
      const refused =
        refuseWish(c, { ...hook, ...request, events: request.events ?? hook.events }) ??
        refuseMistakes(c, { format: hook.format, ...request });
      if (refused !== null) return refused;
      return await answerChange(c, await changeHook(hookPorts(c), hook, request, false, actorOf(c.var.reader)));
    }),
  );

  app.delete("/:id", async (c) => {
    const found = await findHook(c);
    if (found !== null) await remove(c, found.id);
    return c.body(null, 204);
  });

  app.post("/:id/rotate", (c) =>
    withHook(c, async (hook) => answerChange(c, await changeHook(hookPorts(c), hook, {}, true, actorOf(c.var.reader)))),
  );

  app.post("/:id/pause", jsonBody(hookPauseBody), (c) =>
    withHook(c, async (hook) => {
      const paused = await c.var.deps.stores.hooks.pause(hook.id, c.req.valid("json").reason, actorOf(c.var.reader));
      return await answerHook(c, paused ?? hook);
    }),
  );

  app.post("/:id/resume", (c) =>
    withHook(c, async (hook) => {
      const resumed = await c.var.deps.stores.hooks.resume(hook.id, actorOf(c.var.reader));
      return await answerHook(c, resumed ?? hook);
    }),
  );

  app.post("/:id/test", (c) =>
    withHook(c, async (hook) => {
      const { clock, dispatcher, stores, publicUrl } = c.var.deps;
      const { body } = renderTestBody(hook.id, clock.now(), { payload: hook.payload, publicUrl });
      const made = await stores.deliveries.test(hook.id, testEventType, body, actorOf(c.var.reader));
      if (made === null) return problem("not_found", noHook);
      await dispatcher.changed();
      return c.json(deliveryView(made), 202);
    }),
  );

  app.post("/:id/redeliver", jsonBody(redeliverBody), (c) =>
    withHook(c, async (hook) => {
      const { since, all } = c.req.valid("json");
      const { dispatcher, stores } = c.var.deps;
      const { reader } = c.var;
      const begun = await stores.deliveries.beginRedelivery(
        hook.id,
        { sinceMs: since, all },
        { actor: actorOf(reader), token: reader.jti },
      );
      if (begun === null) return problem("not_found", noHook);
      await dispatcher.changed();
      return c.json(taskView(begun, new Map([[reader.jti, reader.name]]), true), 202);
    }),
  );
  app.get("/:id/deliveries", query(deliveriesQuery), async (c) => {
    const { state, limit, cursor } = c.req.valid("query");
    const hook = await findHook(c);
    if (hook === null) return problem("not_found", noHook);
    const after = cursor === undefined ? null : readCursor(cursor);
    if (cursor !== undefined && after === null) return problem("cursor_invalid");
    const found = await c.var.deps.stores.deliveries.ofHook(hook.id, state ?? null, limit, after);
    return c.json({ data: found.rows.map(deliveryView), next_cursor: writeCursor(found.next) });
  });

  app.get("/:id/deliveries/export", query(deliveriesExportQuery), (c) => {
    const { format, state } = c.req.valid("query");
    return withHook(c, ({ id }) =>
      answerExport(c, exportedDeliveries(c.var.deps.stores.deliveries, id, state ?? null), format),
    );
  });
  return app;
}

const isAdmin = (c: Context<AppEnv>) => c.var.reader.scopes.includes("admin");

/** A token without `admin` sees the hooks of its own name, but for those that only `admin` may have. */
function maySee(c: Context<AppEnv>, { owner, events, format }: HookRow): boolean {
  return isAdmin(c) || (owner === c.var.reader.name && format === "webhook" && patternsForAdmin(events).length === 0);
}

/** The hook of the path, if the reader may see it; null otherwise. */
export async function findHook(c: Context<AppEnv>, id = c.req.param("id") ?? ""): Promise<HookRow | null> {
  const hook = isUuid(id) ? await c.var.deps.stores.hooks.find(id) : null;
  return hook !== null && maySee(c, hook) ? hook : null;
}

async function withHook(c: Context<AppEnv>, then: (hook: HookRow) => Response | Promise<Response>): Promise<Response> {
  const hook = await findHook(c);
  return hook === null ? problem("not_found", noHook) : await then(hook);
}

/** Refuses what the reader may not hear: events of the service without `admin`, numbers and texts without `pii:read`. */
function refuseWish(
  c: Context<AppEnv>,
  {
    events,
    payload,
    format,
  }: { events: readonly string[]; payload?: HookPayload | undefined; format?: string | undefined },
): Response | null {
  if (!isAdmin(c) && (patternsForAdmin(events).length > 0 || (format ?? "webhook") !== "webhook"))
    return lacking(["admin"]);
  return payload === "full_with_pii" && !seesAll(c.var.reader) ? lacking(["pii:read"]) : null;
}

function refuseMistakes(c: Context<AppEnv>, request: Parameters<typeof hookMistakes>[0]): Response | null {
  const mistakes = hookMistakes(request, targetPlace(c));
  if (mistakes.length === 0) return null;
  const error: ProblemError = mistaken("invalid", mistakes);
  return problem(error.code, error.more);
}

/** The place of this service, which decides the targets that it may send to. */
export function targetPlace(c: Context<AppEnv>): TargetPlace {
  const { mode, publicUrl, sendsMail } = c.var.deps;
  const ownUrls = [new URL(c.req.url).origin, ...(publicUrl === null ? [] : [publicUrl])];
  return { local: mode === "local", ownUrls, mail: sendsMail };
}

export function hookPorts(c: Context<AppEnv>): SubscribePorts {
  const { sealer, stores } = c.var.deps;
  return { hooks: stores.hooks, sealer, newSecret: newSigningSecret };
}

type Changed = Awaited<ReturnType<typeof changeHook>>;

async function answerChange(c: Context<AppEnv>, changed: Changed): Promise<Response> {
  if (!changed.ok) return problem(changed.problem);
  return await answerHook(c, changed.hook, changed.secret);
}

async function answerHook(c: Context<AppEnv>, hook: HookRow, secret: string | null = null): Promise<Response> {
  await c.var.deps.dispatcher.changed();
  const shown = hookView(hook, c.var.deps.clock.now());
  return c.json(secret === null ? shown : { ...shown, secret });
}

async function remove(c: Context<AppEnv>, id: string): Promise<void> {
  await c.var.deps.stores.hooks.remove(id, actorOf(c.var.reader));
  await c.var.deps.dispatcher.changed();
}
