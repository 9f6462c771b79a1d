/** Responses with pages, files and redirects, all with the same security headers. */
import type { Context } from "hono";
import type { HtmlEscapedString } from "hono/utils/html";
import { keyedHash } from "../../platform/hashes.ts";
import { isFragment, type PageContext } from "../page.ts";
import { ViewerContext, viewerOf } from "../viewer.ts";

/** Allows only our own script, stylesheet, images, requests and forms. No inline script runs, whatever a payload contains. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

/** Delay for browsers that retry by themselves, so that they add no load while Postgres is down. */
const pageRetrySeconds = "10";

/** A year, the most that is usual. */
const fileSeconds = 31_536_000;

type PageStatus = 200 | 400 | 401 | 403 | 404 | 409 | 413 | 422 | 429 | 500 | 502 | 503;
type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/**
 * Responds with a page. A page that htmx asks for again is answered with 304 if it has not changed: nothing was read, so
 * no reading is noted. The tag is keyed, and of one reader: nobody can guess a page and learn by a 304 that it is so.
 */
export async function show(c: PageContext, page: Html, status: PageStatus = 200): Promise<Response> {
  setHeaders(c);
  if (status === 503) c.header("Retry-After", pageRetrySeconds);
  const viewer = { ...viewerOf(c), toReview: (await c.var.toReview) ?? null };
  const html = `<!doctype html>${await (<ViewerContext.Provider value={viewer}>{page}</ViewerContext.Provider>)}`;
  if (status === 200 && isFragment(c)) {
    const tag = `"${keyedHash(c.var.page.tagKey, `page tag ${"reader" in c.var ? c.var.reader.jti : ""} ${html}`)}"`;
    c.header("ETag", tag);
    if (c.req.header("if-none-match") === tag) return c.body(null, 304);
  }
  await c.var.page.readings.write();
  return c.html(html, status);
}

/** Redirects to one of our pages with 303, so that the browser uses GET (RFC 9110, section 15.4.4). */
export function leaveFor(c: Context, path: string): Response {
  setHeaders(c);
  return c.redirect(path, 303);
}

/** Redirects to an external URL, without a referrer. The caller has checked the URL. Its reading is noted before. */
export async function leaveTo(c: PageContext, url: string): Promise<Response> {
  setHeaders(c);
  await c.var.page.readings.write();
  c.header("Referrer-Policy", "no-referrer");
  return c.redirect(url, 302);
}

/** Responds with a static file. Its address has its version, so browsers may keep it for as long as they like. */
export function file(c: Context, text: string, type: string): Response {
  setHeaders(c);
  c.header("Cache-Control", `public, max-age=${fileSeconds}, immutable`);
  return c.body(text, 200, { "Content-Type": type });
}

/** Responds with a file of the API, as it is, with the pages' headers. */
export function secureFile(c: Context, answer: Response): Response {
  setHeaders(c);
  for (const name of ["content-type", "content-disposition"]) {
    const value = answer.headers.get(name);
    if (value !== null) c.header(name, value);
  }
  return answer.body === null ? c.body(null, 200) : c.body(answer.body, 200);
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
