/**
 * An operation of the API as data. Its method, path, scopes and request schemas are read from its route, the rest is here. The OpenAPI
 * document, `docs/api.md` and the tests of answers are made from both.
 */
import type * as z from "zod";
import type { Scope } from "../../auth/token.ts";
import type { ProblemCode } from "../../problem.ts";

/** An answer that is no problem. `schema`: of its JSON, or of its text if `type` names other types; null: it has none. */
type Answer = {
  readonly description: string;
  readonly schema: z.ZodType | null;
  readonly type?: string | readonly string[];
};

/** Statuses of answers that are no problems. */
type AnswerStatus = 200 | 201 | 202 | 204 | 302;

export type ApiOperation = {
  /** A name for generated clients, unique in the document. */
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  /**
   * A scope that the token needs beside one of the route's own. `when`: the requests that need it, as words that follow the scope; absent:
   * all of them.
   */
  readonly alsoNeeds?: { readonly scope: Scope; readonly when?: string };
  readonly answers: Partial<Record<AnswerStatus, Answer>>;
  /** Problems in addition to those that every route of this kind has. */
  readonly problems?: readonly ProblemCode[];
  /** Fields of the query and of the body, each with its meaning. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Place in `docs/` that explains the fields of the body, if `fields` does not: those of a line, a source or a rule. */
  readonly fieldsAt?: `${string}.md#${string}`;
  /** Path parameters by name. */
  readonly path?: Readonly<Record<string, string>>;
  /** Request headers by name. */
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: z.ZodType }>>;
};

/** ApiOperations by method and path as Hono has them: `POST /calls/:id/cancel`. */
export type ApiOperations = Readonly<Record<string, ApiOperation>>;
