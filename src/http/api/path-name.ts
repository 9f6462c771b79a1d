import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "../deps.ts";
import { problem } from "../problem.ts";
import { reservedSlugs, slugPattern } from "../slug.ts";

/**
 * Rejects a path parameter that is no slug.
 *
 * @param param Name of the path parameter.
 */
export function namedBy(param: string): MiddlewareHandler<AppEnv> {
  return async function named(c, next) {
    const name = c.req.param(param) ?? "";
    if (!slugPattern.test(name)) {
      const reason = "must be lower-case letters, digits and hyphens, at most 63, a letter or digit first";
      return problem("invalid", { detail: `The name in the path ${reason}.`, errors: [{ path: [param], reason }] });
    }
    return await next();
  };
}

/** Rejects slugs that are reserved for a route or for the built-in source. */
export const notReserved: MiddlewareHandler<AppEnv> = async function notReserved(c, next) {
  const slug = c.req.param("slug") ?? "";
  if (reservedSlugs.has(slug)) {
    const detail = `"${slug}" is built in; choose another slug.`;
    return problem("reserved", { detail, errors: [{ path: ["slug"], reason: "is reserved" }] });
  }
  return await next();
};
