/** Responses with pages, files and redirects, all with the same security headers. */
import type { Context } from "hono";
import type { HtmlEscapedString } from "hono/utils/html";

/** Allows only our own stylesheet, images and forms. No script runs, whatever a payload contains. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

/** Delay for browsers that retry by themselves, so that they add no load while Postgres is down. */
const pageRetrySeconds = "10";

/** Static files change only with a deployment. */
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

/** Redirects to one of our pages with 303, so that the browser uses GET (RFC 9110, section 15.4.4). */
export function leaveFor(c: Context, path: string): Response {
  setHeaders(c);
  return c.redirect(path, 303);
}

/** Redirects to an external URL, without a referrer. The caller has checked the URL. */
export function leaveTo(c: Context, url: string): Response {
  setHeaders(c);
  c.header("Referrer-Policy", "no-referrer");
  return c.redirect(url, 302);
}

/** Responds with a static file. */
export function file(c: Context, text: string, type: string): Response {
  setHeaders(c);
  c.header("Cache-Control", `public, max-age=${fileSeconds}`);
  return c.body(text, 200, { "Content-Type": type });
}

/** The referrer policy is not `no-referrer`, because browsers would then send `Origin: null` with our own forms. */
function setHeaders(c: Context): void {
  c.header("Content-Security-Policy", contentSecurityPolicy);
  c.header("Referrer-Policy", "same-origin");
  c.header("X-Content-Type-Options", "nosniff");
  c.header("Cross-Origin-Opener-Policy", "same-origin");
  c.header("X-Robots-Tag", "noindex");
  c.header("Cache-Control", "no-store");
}
