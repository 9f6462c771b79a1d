import { type Context, Hono } from "hono";
import type { DeliveryRow } from "../../../ports/hooks/delivery-lookups.ts";
import { deliveryView, wholeDeliveryView } from "../../../views/hooks/hook.ts";
import { actorOf, seesAll } from "../../../views/reader.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { isUuid } from "../../uuid.ts";
import { findHook } from "./hooks.ts";

const noDelivery = { detail: "There is no delivery of this id, or its hook belongs to another token's name." };

/** `/v1/deliveries`. */
export function deliveryRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const may = allow("hooks:write", "admin");

  app.get("/:id", may, async (c) => {
    const delivery = await findDelivery(c);
    if (delivery === null) return problem("not_found", noDelivery);
    const { deliveries, lookups } = c.var.deps.stores;
    const tries = await deliveries.triesOf(delivery.id);
    if (delivery.personal && seesAll(c.var.reader))
      await lookups.noteRead({
        subject: delivery.call === null ? "reading" : "call",
        subjectId: delivery.call ?? c.var.reader.jti,
        action: "read",
        actor: actorOf(c.var.reader),
        reason: null,
        data: { what: "delivery", rows: 1 },
      });
    return c.json(wholeDeliveryView(delivery, tries, seesAll(c.var.reader)));
  });

  app.post("/:id/redeliver", may, async (c) => {
    const delivery = await findDelivery(c);
    if (delivery === null) return problem("not_found", noDelivery);
    const { dispatcher, stores } = c.var.deps;
    const moved = await stores.deliveries.redeliver(delivery.id, actorOf(c.var.reader));
    if (moved === null) return problem("delivery_state");
    await dispatcher.changed();
    return c.json(deliveryView(moved), 202);
  });
  return app;
}

async function findDelivery(c: Context<AppEnv>): Promise<DeliveryRow | null> {
  const id = c.req.param("id") ?? "";
  const delivery = isUuid(id) ? await c.var.deps.stores.deliveries.find(id) : null;
  return delivery !== null && (await findHook(c, delivery.hook)) !== null ? delivery : null;
}
