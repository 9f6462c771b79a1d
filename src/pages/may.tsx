import type { MiddlewareHandler } from "hono";
import { readForm } from "./forms/form.ts";
import { isOwnWrite } from "./forms/origin.ts";
import { ErrorPage } from "./frame/error-page.tsx";
import { leaveFor, show } from "./frame/response.tsx";
import { isFragment, type PageContext, type PageEnv } from "./page.ts";
import { readSession } from "./signin/cookie.ts";
import { KeptFormPage } from "./signin/kept-form.tsx";
import { reviewCountMax } from "./viewer.ts";

/** Whether the navigation of a reader has the number of calls to review: the reader may read and decide them. */
function mayReview(scopes: readonly string[]): boolean {
  return scopes.includes("calls:read") && scopes.includes("calls:write");
}

/** Ids and slugs. */
const partForm = /^[a-z0-9][a-z0-9-]*$/i;

/**
 * Lets a signed-in reader with at least one of the scopes pass.
 *
 * | request                | response                                                                      |
 * | ---------------------- | ----------------------------------------------------------------------------- |
 * | a page                 | 303 to `/signin`, which leads back                                            |
 * | a part of an open page | 401: the page stays as it is and says that it is old                          |
 * | a form                 | 401 with a sign-in form that keeps the fields, so that no text is lost        |
 * | without the scopes     | 403                                                                           |
 * | a write of another origin | 403                                                                        |
 *
 * An address whose parts are no ids and no slugs is 404 for everybody: no part can name another route of the API.
 *
 * @param anyOf Scopes. Their routes in the API check them again.
 */
export function may(...anyOf: readonly string[]): MiddlewareHandler<PageEnv> {
  return async function mayOpen(c, next) {
    const { page } = c.var;
    if (Object.values<string>(c.req.param()).some((part) => !partForm.test(part)))
      return show(c, <ErrorPage failure="not_found" reader={null} />, 404);
    const isWrite = c.req.method !== "GET" && c.req.method !== "HEAD";
    if (isWrite && !isOwnWrite(c.req.raw, page.publicUrl))
      return await show(c, <ErrorPage failure="not_ours" reader={null} />, 403);
    const cookie = readSession(c);
    const reader = cookie === null ? null : await page.sessions.find(cookie);
    if (reader === null) return await withoutSession(c, isWrite);
    c.set("reader", reader);
    if (mayReview(reader.scopes) && !isFragment(c))
      c.set(
        "toReview",
        page.reviewCount(reviewCountMax).catch(() => null),
      );
    if (!anyOf.some((scope) => reader.scopes.includes(scope)))
      return await show(c, <ErrorPage failure="may_not" reader={reader} needs={anyOf} />, 403);
    return await next();
  };
}

/**
 * Pages that redirect to Mihu. Signing in leads to the page above: the content security policy does not let a form end
 * on another site.
 */
const leadsOut = /\/(?:recording|listen)$/;

async function withoutSession(c: PageContext, isWrite: boolean): Promise<Response> {
  if (isFragment(c)) return c.body(null, 401);
  const { pathname, search } = new URL(c.req.url);
  const here = pathname.replace(leadsOut, "") + search;
  if (!isWrite) return leaveFor(c, here === "/" ? "/signin" : `/signin?next=${encodeURIComponent(here)}`);
  const fields = await readForm(c.req.raw);
  if (fields === null) return await show(c, <ErrorPage failure="too_large" reader={null} />, 413);
  return await show(c, <KeptFormPage path={here} fields={[...fields]} refused={false} />, 401);
}
