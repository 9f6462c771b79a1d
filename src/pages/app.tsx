/**
 * The pages for people: rendered here, without a script.
 *
 * | page          | without a session | with `calls:read`                  | else |
 * | ------------- | ----------------- | ---------------------------------- | ---- |
 * | `/`           | 303 to `/signin`  | 200: newest calls, or one order    | 403  |
 * | `/calls/:id`  | 303 to `/signin`  | 200, or 404                        | 403  |
 * | `/calls/:id/recording` | 303 to `/signin` | 302 to Mihu, noted; or 404   | 403  |
 * | `/sources`    | 303 to `/signin`  | 200                                | 403  |
 * | `/sources/:slug` | 303 to `/signin` | 200, or 404                      | 403  |
 * | `POST /signin`| 303 to the page that was opened first; 401 and the form again for an invalid token          |||
 *
 * A write from another origin is 403. While Postgres is down every page but the sign-in form is 503.
 */
import { type Context, Hono } from "hono";
import { orderNumberCharactersMax } from "../domain/limits.ts";
import type { Reader } from "../views/reader.ts";
import { CallPage } from "./call/call-page.tsx";
import type { PageDeps } from "./deps.ts";
import { ErrorPage, type Failure, statusOf } from "./error-page.tsx";
import { HomePage, OrderPage } from "./home/home-page.tsx";
import { icon } from "./icon.ts";
import { file, leaveFor, leaveTo, show } from "./response.ts";
import { readSession } from "./signin/cookie.ts";
import { signIn, signInForm, signOut } from "./signin/signin.tsx";
import { SourcePage, SourcesPage } from "./sources/sources-page.tsx";
import { style } from "./style.ts";

/** Calls per page. */
const callsPerPage = 50;

const callIdForm = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @param wire Creates a request's dependencies. Called only for the pages' own routes. */
export function createPages(wire: (c: Context) => PageDeps): Hono {
  const app = new Hono();
  app.get("/style.css", (c) => file(c, style, "text/css; charset=utf-8"));
  app.get("/icon.svg", (c) => file(c, icon, "image/svg+xml"));
  app.get("/signin", (c) => signInForm(c, wire(c)));
  app.post("/signin", (c) => signIn(c, wire(c)));
  app.post("/signout", (c) => signOut(c, wire(c)));
  app.get("/", (c) => asReader(c, wire(c), home));
  app.get("/calls/:id", (c) => asReader(c, wire(c), call));
  app.get("/calls/:id/recording", (c) =>
    asReader(c, wire(c), recording, `/calls/${encodeURIComponent(c.req.param("id"))}`),
  );
  app.get("/sources", (c) => asReader(c, wire(c), sources));
  app.get("/sources/:slug", (c) => asReader(c, wire(c), source));
  app.notFound((c) => fail(c, "not_found"));
  app.onError(async (error, c) => {
    const deps = wire(c);
    if (deps.isAway(error)) {
      const spills = await deps.spills().catch(() => []);
      const waiting = spills.reduce((sum, { events }) => sum + events, 0);
      return show(c, <ErrorPage failure="away" reader={null} waiting={waiting} />, statusOf("away"));
    }
    deps.report(error);
    return fail(c, "broken");
  });
  return app;
}

/** Responds with the page of a failure. */
function fail(c: Context, failure: Failure, reader: Reader | null = null): Promise<Response> {
  return show(c, <ErrorPage failure={failure} reader={reader} />, statusOf(failure));
}

type Page = (c: Context, deps: PageDeps, reader: Reader) => Promise<Response>;

/**
 * Serves a page to a signed-in reader with `calls:read`.
 *
 * @param next Path to open after signing in. Default: this page.
 */
async function asReader(c: Context, deps: PageDeps, page: Page, next?: string): Promise<Response> {
  const cookie = readSession(c);
  const reader = cookie === null ? null : await deps.sessions.find(cookie);
  if (reader === null) {
    const { pathname, search } = new URL(c.req.url);
    const here = next ?? pathname + search;
    return leaveFor(c, here === "/" ? "/signin" : `/signin?next=${encodeURIComponent(here)}`);
  }
  if (!reader.scopes.includes("calls:read")) return fail(c, "may_not", reader);
  return page(c, deps, reader);
}

async function home(c: Context, deps: PageDeps, reader: Reader): Promise<Response> {
  const lookups = deps.lookups(reader);
  const wanted = (c.req.query("order_number") ?? "").trim().slice(0, orderNumberCharactersMax);
  if (wanted !== "") {
    const [order, readiness] = await Promise.all([lookups.order(wanted), deps.readiness()]);
    return show(c, <OrderPage reader={reader} readiness={readiness} order={order} />);
  }
  const cursor = c.req.query("cursor") ?? null;
  const [page, readiness] = await Promise.all([lookups.calls({}, callsPerPage, cursor), deps.readiness()]);
  // An unreadable cursor is usually a truncated URL, so the first page is shown.
  if (page === null) return leaveFor(c, "/");
  const later = cursor !== null;
  return show(c, <HomePage reader={reader} readiness={readiness} page={page} later={later} mode={deps.mode} />);
}

async function call(c: Context, deps: PageDeps, reader: Reader): Promise<Response> {
  const id = c.req.param("id") ?? "";
  const story = callIdForm.test(id) ? await deps.lookups(reader).call(id.toLowerCase()) : null;
  if (story === null) return fail(c, "not_found", reader);
  return show(c, <CallPage reader={reader} story={story} allowLink={deps.allowLink} />);
}

async function sources(c: Context, deps: PageDeps, reader: Reader): Promise<Response> {
  const [list, readiness] = await Promise.all([deps.sources(reader).list(), deps.readiness()]);
  return show(c, <SourcesPage reader={reader} readiness={readiness} sources={list} />);
}

async function source(c: Context, deps: PageDeps, reader: Reader): Promise<Response> {
  const slug = c.req.param("slug") ?? "";
  // Postgres rejects NUL, and no source's name contains another control character.
  const story = /\p{Cc}/u.test(slug) ? null : await deps.sources(reader).story(slug);
  return story === null ? fail(c, "not_found", reader) : show(c, <SourcePage reader={reader} story={story} />);
}

/**
 * Redirects to a recording. Signing in leads to the call's page instead: the content security policy does not let a
 * form end on another site.
 */
async function recording(c: Context, deps: PageDeps, reader: Reader): Promise<Response> {
  const id = c.req.param("id") ?? "";
  if (!callIdForm.test(id)) return fail(c, "not_found", reader);
  const found = await deps.lookups(reader).recording(id.toLowerCase(), deps.allowLink);
  switch (found.kind) {
    case "found":
      return leaveTo(c, found.url);
    case "may_not":
      return fail(c, "may_not_listen", reader);
    case "no_call":
      return fail(c, "not_found", reader);
    case "no_recording":
    case "link_not_allowed":
      return fail(c, found.kind, reader);
  }
}
