/** The scopes and schemas of a route, read back from its handlers, so that the API's description is made from what validates. */
import type * as z from "zod";
import type { Scope } from "./auth/token.ts";

/** One part of a route's contract. */
type RoutePart =
  /** The reader has at least one of these. */
  | { readonly kind: "scopes"; readonly anyOf: readonly Scope[] }
  | { readonly kind: "body" | "query"; readonly schema: z.ZodType };

const parts = new WeakMap<object, RoutePart>();

/** @returns The handler, which carries the part from now on. */
export function carrying<Handler extends object>(handler: Handler, part: RoutePart): Handler {
  parts.set(handler, part);
  return handler;
}

/** @returns The part that a handler carries. */
export function partOf(handler: object): RoutePart | undefined {
  return parts.get(handler);
}
