/** Validation of requests by their schemas. Every mistake has its path. */
import { zValidator } from "@hono/zod-validator";
import type * as z from "zod";
import type { Mistake } from "../../domain/rules/rule.ts";
import { type ProblemCode, problem } from "../problem.ts";

/** Mistakes that one response lists. */
const mistakesMax = 100;

/** Checks a JSON body. @param code the problem's code if the body has mistakes */
export function jsonBody<Schema extends z.ZodType>(schema: Schema, code: ProblemCode = "invalid") {
  return zValidator("json", schema, (result) => (result.success ? undefined : refuseIssues(code, result.error.issues)));
}

/** Checks the query. */
export function query<Schema extends z.ZodType>(schema: Schema) {
  return zValidator("query", schema, (result) =>
    result.success ? undefined : refuseIssues("invalid", result.error.issues),
  );
}

/** Every mistake that a schema found, as paths and sentences. An unknown field is a mistake at the field itself. */
export function mistakesOf(issues: readonly z.core.$ZodIssue[], base: readonly PropertyKey[] = []): Mistake[] {
  return issues.flatMap((issue): Mistake[] => {
    const path = [...base, ...issue.path].map((step) => (typeof step === "number" ? step : String(step)));
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({ path: [...path, key], reason: `unknown field "${key}"` }));
    }
    if (issue.code === "invalid_union") return unionMistakes(issue, path);
    if (issue.code === "invalid_key") return issue.issues.map((inner) => ({ path, reason: inner.message }));
    if (issue.code === "invalid_type") return [{ path, reason: typeMistake(issue) }];
    return [{ path, reason: issue.message }];
  });
}

/** The mistakes of the shape that was most likely meant: those that lie deeper than "this is of another type". */
function unionMistakes(issue: z.core.$ZodIssueInvalidUnion, path: (string | number)[]): Mistake[] {
  const meant = issue.errors.filter(
    (branch) => !branch.some((inner) => inner.code === "invalid_type" && inner.path.length === 0),
  );
  const [closest] = meant.sort((one, other) => one.length - other.length);
  return closest === undefined
    ? [{ path, reason: issue.message === "Invalid input" ? "is of a type that is not possible here" : issue.message }]
    : mistakesOf(closest, path);
}

function typeMistake(issue: z.core.$ZodIssueInvalidType): string {
  if (issue.input === undefined && issue.message.endsWith("received undefined")) return "is missing";
  return issue.message.startsWith("Invalid input: expected ") ? `must be ${article(issue.expected)}` : issue.message;
}

function article(expected: string): string {
  const names: Record<string, string> = {
    string: "a text",
    int: "a whole number",
    boolean: "true or false",
    record: "an object",
    nonoptional: "given",
  };
  return names[expected] ?? (/^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`);
}

function refuseIssues(code: ProblemCode, issues: readonly z.core.$ZodIssue[]): Response {
  const errors = mistakesOf(issues).slice(0, mistakesMax);
  const [first] = errors;
  const detail = first === undefined ? undefined : `${first.path.join(".") || "The body"}: ${first.reason}`;
  return problem(code, { ...(detail === undefined ? {} : { detail }), errors });
}
