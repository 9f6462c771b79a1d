import type { Hono } from "hono";
import { checkedReceipt } from "../../views/evidence/checked-receipt.ts";
import { readForm } from "../forms/form.ts";
import { ErrorPage } from "../frame/error-page.tsx";
import { show } from "../frame/response.tsx";
import { may } from "../may.tsx";
import { type PageContext, type PageEnv, readApi } from "../page.ts";
import { isId } from "../parts/id.ts";
import { CheckPage } from "./check-page.tsx";

/** `/receipts/check`: checks a receipt, one that is pasted or that of the call in `?call=`. */
export function addReceiptPages(app: Hono<PageEnv>): void {
  app.get("/receipts/check", may("calls:read"), checkOfCall);
  app.post("/receipts/check", may("calls:read"), checkPasted);
}

async function checkOfCall(c: PageContext): Promise<Response> {
  const id = c.req.query("call");
  if (id === undefined) return show(c, <CheckPage reader={c.var.reader} jws="" checked={null} />);
  if (!isId(id)) return show(c, <ErrorPage failure="not_found" reader={c.var.reader} />, 404);
  return await checked(c, await readApi<string>(c, `/v1/calls/${id}/receipt`));
}

async function checkPasted(c: PageContext): Promise<Response> {
  const form = await readForm(c.req.raw);
  if (form === null) return show(c, <ErrorPage failure="too_large" reader={c.var.reader} />, 413);
  const jws = (form.get("receipt") ?? "").replace(/\s+/g, "");
  return jws === "" ? show(c, <CheckPage reader={c.var.reader} jws="" checked={null} />, 422) : await checked(c, jws);
}

async function checked(c: PageContext, jws: string): Promise<Response> {
  const found = await checkedReceipt(jws, c.var.page.publicKeys);
  return show(c, <CheckPage reader={c.var.reader} jws={jws} checked={found} />, found.ok ? 200 : 422);
}
