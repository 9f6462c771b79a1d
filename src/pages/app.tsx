/**
 * The pages for people: rendered here, and complete without a script.
 *
 * Every page but the sign-in form needs a session and one of its scopes (may.tsx). A person's decisions go through the
 * API's own routes, in the name of the session's reader (forms/act.tsx).
 *
 * | request        | response                                                                              |
 * | -------------- | ------------------------------------------------------------------------------------- |
 * | `POST /signin` | 303 to the page that was opened first; 401 and the form again for an invalid token     |
 * | any page       | 404 for an unknown id; 503 while Postgres is down                                      |
 */
import { type Context, Hono, type HonoRequest } from "hono";
import { assetAt } from "./assets/paths.ts";
import { addCallPages } from "./calls/routes.tsx";
import type { PageDeps } from "./deps.ts";
import { addEventPages } from "./events/routes.tsx";
import { addFindPages } from "./find/routes.tsx";
import { shownStatus } from "./forms/act.tsx";
import { ErrorPage, ProblemPage, statusOf } from "./frame/error-page.tsx";
import { file, show } from "./frame/response.tsx";
import { addHealthPages } from "./health/routes.tsx";
import { addHookPages } from "./hooks/routes.tsx";
import { addLinePages } from "./lines/routes.tsx";
import { addOrderPages } from "./orders/routes.tsx";
import { type PageContext, type PageEnv, PageProblem } from "./page.ts";
import { addPeoplePages } from "./people/routes.tsx";
import { addReceiptPages } from "./receipts/routes.tsx";
import { addReviewPages } from "./review/routes.tsx";
import { addRulePages } from "./rules/routes.tsx";
import { addSetupPages } from "./setup/routes.tsx";
import { readSession } from "./signin/cookie.ts";
import { signIn, signInForm, signOut } from "./signin/signin.tsx";
import { addSourcePages } from "./sources/routes.tsx";
import { addTaskPages } from "./tasks/routes.tsx";

/** @param wire Creates a request's dependencies. Nothing is opened before it is used. */
export function createPages(wire: (c: Context) => PageDeps): Hono<PageEnv> {
  const app = new Hono<PageEnv>();
  app.use(async function withPageDeps(c, next) {
    c.set("page", wire(c));
    return await next();
  });
  app.get("/assets/:file", (c) => {
    const asset = assetAt(c.req.path);
    return asset === undefined ? notFound(c) : file(c, asset.text, asset.type);
  });
  app.get("/signin", signInForm);
  app.post("/signin", signIn);
  app.post("/signout", signOut);
  addFindPages(app);
  addOrderPages(app);
  // Its page below /calls has a word where a call has its id.
  addTaskPages(app);
  addCallPages(app);
  addEventPages(app);
  addReviewPages(app);
  addSetupPages(app);
  addSourcePages(app);
  addLinePages(app);
  addHookPages(app);
  addPeoplePages(app);
  addReceiptPages(app);
  addHealthPages(app);
  addRulePages(app);
  // No route took the request. Scripts, and all requests to API paths, get a problem document (http/app.ts).
  app.use(async function noSuchPage(c, next) {
    return wantsPage(c.req) ? await notFound(c) : await next();
  });
  app.notFound(notFound);
  app.onError(async (error, c) => {
    if (!("page" in c.var)) c.set("page", wire(c));
    const { page } = c.var;
    const reader = "reader" in c.var ? c.var.reader : null;
    if (error instanceof PageProblem && error.problem.code !== "database_unavailable")
      return await show(c, <ProblemPage problem={error.problem} reader={reader} />, shownStatus(error.problem.status));
    if (error instanceof PageProblem || page.isAway(error)) {
      const spills = await page.spills().catch(() => []);
      const waiting = spills.reduce((sum, { events }) => sum + events, 0);
      return await show(c, <ErrorPage failure="away" reader={null} waiting={waiting} />, statusOf("away"));
    }
    if (await page.lacksMigrations(error))
      return await show(c, <ErrorPage failure="migrations_missing" reader={null} />, statusOf("migrations_missing"));
    page.report(error);
    return await show(c, <ErrorPage failure="broken" reader={null} />, statusOf("broken"));
  });
  return app;
}

const machinePaths = /^\/(?:v1|in|\.well-known)(?:\/|$)/;

/**
 * Browsers list HTML in `Accept` (RFC 9110, section 12.5.1). A client that accepts anything gets a problem document.
 */
function wantsPage(request: HonoRequest): boolean {
  const reads = request.method === "GET" || request.method === "HEAD";
  return reads && !machinePaths.test(request.path) && /\btext\/html\b/i.test(request.header("accept") ?? "");
}

/** A reader who is signed in keeps the navigation. */
async function notFound(c: PageContext): Promise<Response> {
  const cookie = readSession(c);
  // Postgres may be away, which changes nothing: there is no such page.
  const reader = cookie === null ? null : await c.var.page.sessions.find(cookie).catch(() => null);
  return await show(c, <ErrorPage failure="not_found" reader={reader} />, 404);
}
