/** Parses hookline.yaml as JSON, part by part, so that the mistakes of all parts are reported together. */
import type * as z from "zod";
import type { Path, RuleDocument } from "../../../domain/config/check.ts";
import type { Mistake } from "../../../domain/rules/rule.ts";
import type { WantedHook } from "../../../flows/hooks/plan-hooks.ts";
import { reservedSlugs } from "../../slug.ts";
import { documentShape } from "../schemas/document.ts";
import { fileHook } from "../schemas/hook.ts";
import { type LineBody, lineBody } from "../schemas/line.ts";
import { namedRule } from "../schemas/rule.ts";
import { type SourceBody, sourceBody } from "../schemas/source.ts";
import { slug as slugSchema } from "../schemas/words.ts";
import { mistakesOf } from "../validate.ts";

/**
 * `head` is null if it has mistakes. `rules` are the valid ones with their positions; null if the document has none.
 */
export type DocumentSource = {
  readonly head: SourceBody | null;
  readonly rules: readonly { readonly rule: RuleDocument; readonly path: Path }[] | null;
};

type Document = {
  readonly lines: ReadonlyMap<string, LineBody>;
  /** All lines of the document, including those with mistakes. */
  readonly lineNames: readonly string[];
  readonly sources: ReadonlyMap<string, DocumentSource>;
  /** The valid ones, with their places. */
  readonly hooks: readonly WantedHook[];
};

/** @returns The valid parts, and the mistakes of the others. */
export function readDocument(body: unknown): { document: Document; mistakes: Mistake[] } {
  const mistakes: Mistake[] = [];
  const read = <T extends z.ZodType>(schema: T, value: unknown, path: Path): z.output<T> | null => {
    const parsed = schema.safeParse(value);
    if (!parsed.success) mistakes.push(...mistakesOf(parsed.error.issues, path));
    return parsed.success ? parsed.data : null;
  };
  const lines = new Map<string, LineBody>();
  const sources = new Map<string, DocumentSource>();
  const shape = read(documentShape, body, []) ?? {};

  for (const [slug, value] of Object.entries(shape.lines ?? {})) {
    read(slugSchema, slug, ["lines", slug]);
    const line = read(lineBody, value, ["lines", slug]);
    if (line !== null) lines.set(slug, line);
  }
  for (const [slug, { rules: list, ...rest }] of Object.entries(shape.sources ?? {})) {
    const path = ["sources", slug];
    read(slugSchema, slug, path);
    if (reservedSlugs.has(slug)) mistakes.push({ path, reason: `"${slug}" is built in; choose another slug` });
    const rules =
      list?.flatMap((value, index) => {
        const rulePath = [...path, "rules", index];
        const rule = read(namedRule, value, rulePath);
        return rule === null ? [] : [{ rule, path: rulePath }];
      }) ?? null;
    sources.set(slug, { head: read(sourceBody, rest, path), rules });
  }
  const hooks = (shape.hooks ?? []).flatMap((value, index) => {
    const path = ["hooks", index];
    const hook = read(fileHook, value, path);
    return hook === null ? [] : [{ ...hook, path }];
  });
  return { document: { lines, lineNames: Object.keys(shape.lines ?? {}), sources, hooks }, mistakes };
}
