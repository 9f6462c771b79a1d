/**
 * Sentences for mistakes that a schema finds but has no message for. Zod's wording ("Invalid option: expected one of
 * …") is written for programmers and is replaced everywhere.
 */
import * as z from "zod";

/** Type names in plain words. Other types keep their names. */
const nouns: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  record: "an object",
  object: "an object",
  null: "null",
  undefined: "left out",
  nonoptional: "given",
};

/** Names of known text formats. */
const forms: Readonly<Record<string, string>> = {
  datetime: "a time in ISO 8601, such as 2026-11-02T15:04:05Z",
  date: "a date, such as 2026-11-02",
  url: "a URL",
  email: "a mail address",
  uuid: "a UUID",
};

/**
 * @param issue An issue for which the schema has no message.
 * @returns The sentence. It begins with a verb, because the field's path precedes it.
 */
function plainIssue(issue: z.core.$ZodRawIssue): string {
  if (issue.input === undefined && issue.code !== "custom" && issue.code !== "unrecognized_keys") return "is missing";
  switch (issue.code) {
    case "invalid_type":
      return `must be ${nounOf(issue.expected)}`;
    case "invalid_value":
      return oneOf(issue.values.map(String));
    case "invalid_format":
      return Object.hasOwn(forms, issue.format)
        ? `must be ${forms[issue.format]}`
        : "is not written in the form that is expected";
    case "too_small":
      return sizeOf(issue.origin, "least", Number(issue.minimum), issue.inclusive === false);
    case "too_big":
      return sizeOf(issue.origin, "most", Number(issue.maximum), issue.inclusive === false);
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "invalid_union":
      return unionOf(issue.errors);
    case "unrecognized_keys":
      return `has unknown fields: ${issue.keys.join(", ")}`;
    default:
      return "is not valid";
  }
}

/** Registers {@link plainIssue} as the default message of every schema in this process. */
export function speakPlainly(): void {
  z.config({ customError: plainIssue });
}

function sizeOf(origin: string, end: "least" | "most", size: number, exclusive: boolean): string {
  if (origin === "string" || origin === "array" || origin === "set") {
    if (end === "least" && size === 1) return "must not be empty";
    const unit = origin === "string" ? "character" : "item";
    return `must have at ${end} ${size} ${size === 1 ? unit : `${unit}s`}`;
  }
  if (exclusive) return `must be ${end === "least" ? "more" : "less"} than ${size}`;
  return `must be at ${end} ${size}`;
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? `must be ${values[0]}` : `must be one of: ${values.join(", ")}`;
}

/** The expected types of a union, if the value has none of them. */
function unionOf(branches: readonly (readonly z.core.$ZodIssue[])[]): string {
  const kinds = branches.flatMap((branch) =>
    branch.flatMap((issue) => (issue.code === "invalid_type" && issue.path.length === 0 ? nounOf(issue.expected) : [])),
  );
  const known = [...new Set(kinds)];
  return known.length === 0 ? "is not valid" : `must be ${known.join(" or ")}`;
}

function nounOf(expected: string): string {
  return nouns[expected] ?? (/^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`);
}
