/** Request validation by schema. Every mistake has a path. */
import { zValidator } from "@hono/zod-validator";
import type * as z from "zod";
import type { Mistake } from "../../domain/rules/rule.ts";
import { type ProblemCode, problem } from "../problem.ts";
import { carrying } from "../route-parts.ts";
import { speakPlainly } from "./plain-issues.ts";

speakPlainly();

/** Mistakes reported in one response. */
const mistakesMax = 100;

/**
 * Validates a JSON body.
 *
 * @param code Problem code for a body with mistakes.
 */
export function jsonBody<Schema extends z.ZodType>(schema: Schema, code: ProblemCode = "invalid") {
  const validated = zValidator("json", schema, (result) =>
    result.success ? undefined : refuseIssues(code, result.error.issues),
  );
  return carrying(validated, { kind: "body", schema });
}

/** Validates the query. */
export function query<Schema extends z.ZodType>(schema: Schema) {
  const validated = zValidator("query", schema, (result) =>
    result.success ? undefined : refuseIssues("invalid", result.error.issues),
  );
  return carrying(validated, { kind: "query", schema });
}

/** All mistakes that a schema found, as paths and sentences. An unknown field is reported at the field itself. */
export function mistakesOf(issues: readonly z.core.$ZodIssue[], base: readonly PropertyKey[] = []): Mistake[] {
  return issues.flatMap((issue): Mistake[] => {
    const path = [...base, ...issue.path].map((step) => (typeof step === "number" ? step : String(step)));
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({ path: [...path, key], reason: `unknown field "${key}"` }));
    }
    if (issue.code === "invalid_union") return unionMistakes(issue, path);
    if (issue.code === "invalid_key") return issue.issues.map((inner) => ({ path, reason: inner.message }));
    return [{ path, reason: issue.message }];
  });
}

/**
 * For a union: the mistakes of the variant that was most likely meant, which are those deeper than a wrong type. If no
 * variant stands out, the union's own sentence lists the possibilities.
 */
function unionMistakes(issue: z.core.$ZodIssueInvalidUnion, path: (string | number)[]): Mistake[] {
  const meant = issue.errors.filter(
    (branch) => !branch.some((inner) => inner.code === "invalid_type" && inner.path.length === 0),
  );
  const [closest] = meant.sort((one, other) => one.length - other.length);
  if (closest === undefined || (meant.length > 1 && closest.every((inner) => inner.path.length === 0)))
    return [{ path, reason: issue.message }];
  return mistakesOf(closest, path);
}

function refuseIssues(code: ProblemCode, issues: readonly z.core.$ZodIssue[]): Response {
  const errors = mistakesOf(issues).slice(0, mistakesMax);
  const [first] = errors;
  const detail = first === undefined ? undefined : `${first.path.join(".") || "The body"}: ${first.reason}`;
  return problem(code, { ...(detail === undefined ? {} : { detail }), errors });
}
