import * as z from "zod";
import { bodyBytesMax, eventsPerRehearsalMax, headerCharactersMax, rulesPerSourceMax } from "../../../domain/limits.ts";
import { jsonValue } from "../json-value.ts";
import { namedRule, ruleSchemas } from "./rule.ts";
import { byName, line, slug } from "./words.ts";

/** Longest span of a rehearsal, in days. */
const rehearsalDaysMax = 30;

const count = (max: number) =>
  z.int("must be a whole number").min(1, "must be at least 1").max(max, `must be at most ${max}`);

/** All rules of a source, in order, instead of the stored ones. */
const rules = z.array(namedRule).max(rulesPerSourceMax);

/**
 * `POST …/preview`: a webhook as its sender would send it, unsigned, or a stored event. `rule`: a rule's name, or an
 * unsaved rule that replaces the stored one of the same name.
 */
export const previewBody = z
  .strictObject({
    body: jsonValue.optional(),
    headers: byName(line(128), z.string().max(headerCharactersMax)).optional(),
    type: line(200).optional(),
    event_id: z.uuid("must be an event's id").optional(),
    rule: z.union([slug, z.strictObject({ name: slug.optional(), ...ruleSchemas })]).optional(),
    rules: rules.optional(),
    record: jsonValue.optional(),
  })
  .superRefine(({ body, headers, type, event_id, rule, rules: all }, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: "custom", message, path: [path] });
    if ((body === undefined) === (event_id === undefined)) wrong("body", "must be given, or event_id, but not both");
    if (event_id !== undefined && (headers !== undefined || type !== undefined))
      wrong("event_id", "cannot be given with event_id: a stored event has its own headers and type");
    if (typeof rule === "object" && all !== undefined)
      wrong("rule", "cannot be given with rules: name the rule instead");
    if (typeof body === "string" && body.length > bodyBytesMax)
      wrong("body", `must have at most ${bodyBytesMax} bytes`);
  });
export type PreviewBody = z.output<typeof previewBody>;

/** `POST …/rehearse`: rules applied to the newest stored events, or to those of the last days. */
export const rehearseBody = z
  .strictObject({
    last: count(eventsPerRehearsalMax).optional(),
    days: count(rehearsalDaysMax).optional(),
    rules: rules.optional(),
    as_of: z.enum(["event", "now"], "must be one of: event, now").default("event"),
    cursor: z.string().max(400).optional(),
  })
  .superRefine(({ last, days, cursor }, context) => {
    if ([last, days, cursor].filter((given) => given !== undefined).length > 1)
      context.addIssue({ code: "custom", message: "only one of last, days and cursor can be given", path: ["last"] });
  });
export type RehearseBody = z.output<typeof rehearseBody>;
