/** Responses with pages, files and redirects, all with the same headers. */
import type { Context } from "hono";
import type { HtmlEscapedString } from "hono/utils/html";

/** Allows our own stylesheet, icon and forms only: no script runs, whatever a payload carries. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

/** Browsers that retry by themselves should not add load while Postgres is down. */
const pageRetrySeconds = "10";

/** Static files change with a deployment only. */
const fileSeconds = 300;

type PageStatus = 200 | 400 | 401 | 403 | 404 | 413 | 500 | 503;

/** Responds with a page. */
export async function show(
  c: Context,
  page: HtmlEscapedString | Promise<HtmlEscapedString>,
  status: PageStatus = 200,
): Promise<Response> {
  setHeaders(c);
  if (status === 503) c.header("Retry-After", pageRetrySeconds);
  return c.html(`<!doctype html>${await page}`, status);
}

/** Redirects to another of our pages with 303, so that the browser uses GET (RFC 9110, section 15.4.4). */
export function leaveFor(c: Context, path: string): Response {
  setHeaders(c);
  return c.redirect(path, 303);
}

/** Redirects to an external address that was checked before, without a referrer. */
export function leaveTo(c: Context, url: string): Response {
  setHeaders(c);
  c.header("Referrer-Policy", "no-referrer");
  return c.redirect(url, 302);
}

/** Responds with a file that is the same for everybody. */
export function file(c: Context, text: string, type: string): Response {
  setHeaders(c);
  c.header("Cache-Control", `public, max-age=${fileSeconds}`);
  return c.body(text, 200, { "Content-Type": type });
}

/** The referrer policy is not `no-referrer`: that makes browsers send `Origin: null` with our own forms. */
function setHeaders(c: Context): void {
  c.header("Content-Security-Policy", contentSecurityPolicy);
  c.header("Referrer-Policy", "same-origin");
  c.header("X-Content-Type-Options", "nosniff");
  c.header("Cross-Origin-Opener-Policy", "same-origin");
  c.header("X-Robots-Tag", "noindex");
  c.header("Cache-Control", "no-store");
}
