/** Requests with their real answers, as `test/whole/people/examples.test.ts` recorded them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { root } from "../../cli/local/paths.ts";

/** The recorded examples, by the name of their operation. */
export const examplesFile = join(root, "dev", "openapi", "examples.json");

const example = z.strictObject({
  /** Path and query of the request. */
  path: z.string(),
  /** The request's JSON. Absent: it has no body. */
  body: z.json().optional(),
  status: z.int(),
  /** The answer's JSON, or its text. Null: it has no body. */
  answer: z.json(),
});

/** A request with its answer. Ids, times, hashes and keys are replaced by others that are the same in each recording. */
export type Example = z.infer<typeof example>;

const files = z.record(z.string(), z.array(example));

let read: Readonly<Record<string, readonly Example[]>> | undefined;

/** @returns The examples of an operation, the most usual first. */
export function examplesOf(operationId: string): readonly Example[] {
  read ??= files.parse(JSON.parse(readFileSync(examplesFile, "utf8")));
  return read[operationId] ?? [];
}
