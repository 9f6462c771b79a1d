/** Routes of the API, read back from their handlers, with the problems and scopes of their operations. */
import type * as z from "zod";
import { apiRoutes } from "../../src/http/api/api.ts";
import type { ApiOperation } from "../../src/http/api/operations/operation.ts";
import type { Scope } from "../../src/http/auth/token.ts";
import type { ProblemCode } from "../../src/http/problem.ts";
import { partOf } from "../../src/http/route-parts.ts";

/** A route of the API, with the scopes and schemas that its handlers carry. */
export type ApiRoute = {
  /** Method and path as Hono has them: `POST /calls/:id/cancel`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly scopes: readonly Scope[];
  readonly body: z.ZodType | null;
  readonly query: z.ZodType | null;
};

/** Every route of the API, each once. */
export function routesOfApi(): ApiRoute[] {
  const all = apiRoutes().routes;
  const routes = new Map<string, ApiRoute>();
  for (const { method, path } of all) {
    const name = `${method} ${path}`;
    if (method === "ALL" || routes.has(name)) continue;
    const parts = all
      .filter((one) => (one.method === method && one.path === path) || (one.method === "ALL" && covers(one.path, path)))
      .flatMap(({ handler }) => partOf(handler) ?? []);
    const schemaOf = (kind: "body" | "query") =>
      parts.flatMap((part) => (part.kind === kind ? [part.schema] : []))[0] ?? null;
    const scopes = parts.flatMap((part) => (part.kind === "scopes" ? part.anyOf : []));
    routes.set(name, { name, method, path, scopes, body: schemaOf("body"), query: schemaOf("query") });
  }
  return [...routes.values()];
}

/** Whether a middleware's path covers a route's. */
function covers(pattern: string, path: string): boolean {
  return pattern === path || (pattern.endsWith("/*") && `${path}/`.startsWith(pattern.slice(0, -1)));
}

/** Problems of every route of a kind, and the problems that the operation names. */
export function possibleProblems(route: ApiRoute, operation: ApiOperation): ProblemCode[] {
  const codes: ProblemCode[] = ["unauthenticated", "database_unavailable", "migrations_missing", "internal"];
  if (route.scopes.length > 0) codes.push("forbidden");
  if (route.query !== null) codes.push("invalid");
  if (route.method !== "GET") codes.push("not_json", "unreadable", "too_large", "unsupported_media_type");
  if (route.body !== null) codes.push("invalid");
  return [...new Set([...codes, ...(operation.problems ?? [])])];
}

/** `calls:write`, and `pii:read` for a number. Empty if any token may send the request. */
export function scopesInWords(scopes: readonly Scope[], { alsoNeeds }: Pick<ApiOperation, "alsoNeeds">): string {
  const named = scopes.map((scope) => `\`${scope}\``).join(" or ");
  if (alsoNeeds === undefined) return named;
  const { scope, when } = alsoNeeds;
  return when === undefined ? `${named} and \`${scope}\`` : `${named}, and \`${scope}\` ${when}`;
}
