import { Hono } from "hono";
import { normaliseOrderNumber } from "../../../domain/events/order-number.ts";
import { commitment, randomText } from "../../../platform/hashes.ts";
import { iso } from "../../../views/moment.ts";
import { actorOf } from "../../../views/reader.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { noteBody } from "../schemas/people.ts";
import { noSource } from "../sources/sources.ts";
import { jsonBody } from "../validate.ts";

const ofSource = (source: string | null) => (source === null ? "" : `of the source ${source} `);

/** `POST /v1/orders/notes`: a person's note on an order. */
export function noteRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.post("/notes", allow("calls:write"), jsonBody(noteBody), async (c) => {
    const { order_number, source = null, text } = c.req.valid("json");
    const salt = randomText();
    const note = await c.var.deps.stores.notes.add({
      orderNumber: order_number,
      orderNumberKey: normaliseOrderNumber(order_number),
      ...{ source, text, salt, commitment: commitment(salt, text), actor: actorOf(c.var.reader) },
    });
    if (note === "erased") return problem("order_erased");
    if (note === "no_source") return problem("not_found", noSource);
    if (note === "no_order")
      return problem("not_found", { detail: `No event and no call ${ofSource(source)}has this order number.` });
    return c.json({ id: note.id, order_number, source, at: iso(note.at) }, 201);
  });
  return app;
}
