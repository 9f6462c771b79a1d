/** How pages, files and redirects leave: always with the same headers. */
import type { Context } from "hono";
import type { HtmlEscapedString } from "hono/utils/html";

/** Nothing but our own stylesheet, icon and forms: no script runs here, whatever a payload carries. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

/** Postgres is back within seconds or it takes a while: a browser that asks by itself should not press. */
const retryAfterSeconds = "10";

/** Static files change with a deployment only, and then soon enough. */
const fileSeconds = 300;

type PageStatus = 200 | 400 | 401 | 403 | 404 | 413 | 500 | 503;

/** Answers with a page. */
export async function show(
  c: Context,
  page: HtmlEscapedString | Promise<HtmlEscapedString>,
  status: PageStatus = 200,
): Promise<Response> {
  setHeaders(c);
  if (status === 503) c.header("Retry-After", retryAfterSeconds);
  return c.html(`<!doctype html>${await page}`, status);
}

/** Sends the browser to another of our pages, with GET whatever it sent itself (RFC 9110, section 15.4.4). */
export function leaveFor(c: Context, path: string): Response {
  setHeaders(c);
  return c.redirect(path, 303);
}

/** Sends the browser to an address outside that was judged before, and does not tell it where one comes from. */
export function leaveTo(c: Context, url: string): Response {
  setHeaders(c);
  c.header("Referrer-Policy", "no-referrer");
  return c.redirect(url, 302);
}

/** Answers with a file that is the same for everybody. */
export function file(c: Context, text: string, type: string): Response {
  setHeaders(c);
  c.header("Cache-Control", `public, max-age=${fileSeconds}`);
  return c.body(text, 200, { "Content-Type": type });
}

/** The referrer is `same-origin` and not `no-referrer`: the latter makes browsers send `Origin: null` with our own forms. */
function setHeaders(c: Context): void {
  c.header("Content-Security-Policy", contentSecurityPolicy);
  c.header("Referrer-Policy", "same-origin");
  c.header("X-Content-Type-Options", "nosniff");
  c.header("Cross-Origin-Opener-Policy", "same-origin");
  c.header("X-Robots-Tag", "noindex");
  c.header("Cache-Control", "no-store");
}
