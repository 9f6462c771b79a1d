/** The context of a page's handler, and its access to the API. */
import type { Context } from "hono";
import type { Mistake } from "../domain/rules/rule.ts";
import type { Reader } from "../views/reader.ts";
import type { PageDeps } from "./deps.ts";

/**
 * `reader` is set by `may` (may.tsx), which stands before every page but the sign-in form. So is `toReview`, the number
 * that the navigation shows, which is read while the page reads its own rows.
 */
export type PageEnv = { Variables: { page: PageDeps; reader: Reader; toReview?: Promise<number | null> } };
export type PageContext = Context<PageEnv>;

/** A request to the API. The path begins with `/v1`. */
export type ApiRequest = {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
};

/** A failure as the API describes it (RFC 9457). */
export type ApiProblem = {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors?: readonly Mistake[];
};

export type ApiReply<Body> =
  | { readonly ok: true; readonly status: number; readonly body: Body; readonly headers: Headers }
  | { readonly ok: false; readonly problem: ApiProblem };

/** Thrown for a problem of the API that a page does not handle itself. The app shows it as an error page. */
export class PageProblem extends Error {
  readonly problem: ApiProblem;

  constructor(problem: ApiProblem) {
    super(problem.code);
    this.problem = problem;
  }
}

/**
 * Sends a request to the API in the reader's name.
 *
 * @template Body Type of the answer. The API's tests compare each answer with the schema of its operation, so the type
 *   is a view's or that schema's.
 */
export async function askApi<Body>(c: PageContext, { method, path, body }: ApiRequest): Promise<ApiReply<Body>> {
  const { page, reader } = c.var;
  const request = new Request(new URL(path, c.req.url), {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const response = await page.api(reader, request);
  const text = await response.text();
  const isJson = /json\b/.test(response.headers.get("content-type") ?? "");
  if (response.status >= 400) {
    const unknown = { status: response.status, code: "internal", title: "The API failed.", detail: "The API failed." };
    return { ok: false, problem: isJson ? (JSON.parse(text) as ApiProblem) : unknown };
  }
  const { status, headers } = response;
  const answer: unknown = text === "" ? null : isJson ? JSON.parse(text) : text;
  return { ok: true, status, headers, body: answer as Body };
}

/** Reads from the API. Throws {@link PageProblem} for a failure, which the app shows. */
export async function readApi<Body>(c: PageContext, path: string): Promise<Body> {
  const answer = await askApi<Body>(c, { method: "GET", path });
  if (answer.ok) return answer.body;
  throw new PageProblem(answer.problem);
}

/** Whether the page's reader has one of these scopes. A page offers only what the API would allow. */
export function has(c: PageContext, ...anyOf: readonly string[]): boolean {
  return anyOf.some((scope) => c.var.reader.scopes.includes(scope));
}

/** Whether htmx asks for a part of a page that is open already. */
export function isFragment(c: Context): boolean {
  return c.req.header("hx-request") === "true";
}
