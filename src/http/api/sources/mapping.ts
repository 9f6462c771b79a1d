import { type Context, Hono } from "hono";
import { checkRule, checkRules } from "../../../domain/config/check.ts";
import { isObject, type JsonValue, readJson } from "../../../domain/json.ts";
import { bodyBytesMax, dayMs } from "../../../domain/limits.ts";
import type { RuleDefinition } from "../../../domain/rules/rule.ts";
import { compileRules } from "../../../domain/rules/source-rules.ts";
import type { PlanView } from "../../../flows/planning/plan.ts";
import { type PreviewSubject, preview } from "../../../flows/planning/preview.ts";
import { rehearseEvents } from "../../../flows/planning/rehearse.ts";
import { utf8 } from "../../../platform/bytes.ts";
import type { RehearsalSpan } from "../../../ports/planning/rehearsals.ts";
import { readCursor, writeCursor } from "../../../views/cursor.ts";
import { iso } from "../../../views/moment.ts";
import { actorOf, seesAll } from "../../../views/reader.ts";
import { previewView } from "../../../views/sources/preview.ts";
import { rehearsalView } from "../../../views/sources/rehearsal.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { mistaken } from "../config-change.ts";
import { type PreviewBody, previewBody, type RehearseBody, rehearseBody } from "../schemas/mapping.ts";
import { jsonBody } from "../validate.ts";
import { noSource } from "./sources.ts";

const lastDefault = 1_000;

/**
 * `/v1/sources/:slug/…`: tries rules out before they go live. Read-only: no call is made.
 *
 * | request         | response                                                                                        |
 * | --------------- | ----------------------------------------------------------------------------------------------- |
 * | `POST preview`  | 200: the decision of each rule about a pasted webhook or a stored event, with its reasons       |
 * | `POST rehearse` | 200: the calls that the rules would make of the newest events, or the difference that other     |
 * |                 | rules would make                                                                                |
 */
export function mappingRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.post("/:slug/preview", allow("admin"), jsonBody(previewBody), previewWebhook);
  app.post("/:slug/rehearse", allow("admin"), jsonBody(rehearseBody), rehearseStored);
  return app;
}

type NamedDefinition = { readonly name: string; readonly definition: RuleDefinition; readonly version: number };

async function previewWebhook(c: Context<AppEnv, string, { out: { json: PreviewBody } }>): Promise<Response> {
  const body = c.req.valid("json");
  const view = await viewOf(c);
  if (view === null) return problem("not_found", noSource);
  const { clock, identity, webhooks, stores } = c.var.deps;
  const given = body.rules === undefined ? null : definitionsOf(body.rules);
  const wanted = chosenRules(view, given, body.rule);
  if (wanted === null) return problem("not_found", { detail: "The source has no rule of this name." });
  const subject = subjectOf(body, await exactBody(c));
  if ("request" in subject && subject.request.body.byteLength > bodyBytesMax)
    return problem("too_large", { detail: `A request may carry ${bodyBytesMax} bytes.` });
  const open = seesAll(c.var.reader);
  const ports = { clock, identity, webhooks, rehearsals: stores.rehearsals, asksOfNumbers: open };
  const made = await preview(ports, view, compileRules(wanted.rules, view.source.fetch), subject, body.record);
  if (!made.ok) return notPreviewed(made);
  // A reader's own rules can reveal a masked value by testing it, so such a preview is noted like a read.
  const ownRules = given !== null || typeof body.rule === "object";
  if ((open || ownRules) && "eventId" in subject) await noteRead(c, "event", subject.eventId, { what: "preview" });
  const events = made.events.map((event) => ({
    ...event,
    rules: event.rules.filter(({ rule }) => wanted.only === null || rule === wanted.only),
  }));
  return c.json({
    as_of: iso(made.nowMs),
    events: events.map((event) => previewView(event, open)),
    left_out: made.leftOut,
    ...notAsked(open, ["suppressed", "once_per"]),
  });
}

/**
 * The field `not_asked`: reasons that the answer leaves out for a reader without `pii:read`. The reader may put any
 * number into rules or a body of their own, and must not learn whether that number is suppressed or was called.
 */
function notAsked(open: boolean, reasons: readonly string[]): { not_asked?: readonly string[] } {
  return open ? {} : { not_asked: reasons };
}

function notPreviewed(made: Extract<Awaited<ReturnType<typeof preview>>, { ok: false }>): Response {
  if (made.reason === "no_event") return problem("not_found", { detail: "The source has no event of this id." });
  if (made.reason === "erased")
    return problem("invalid", { detail: "The event was erased, so there is nothing to preview." });
  const detail = "detail" in made ? made.detail : "The body cannot be read.";
  return problem("unreadable", { detail, errors: [{ path: ["body"], reason: made.reason }] });
}

/** @returns The rules to evaluate, and the one to show; null if the source has no rule of this name. */
function chosenRules(
  { source }: PlanView,
  given: readonly NamedDefinition[] | null,
  rule: PreviewBody["rule"],
): { rules: NamedDefinition[]; only: string | null } | null {
  const rules = [...(given ?? source.rules)];
  if (rule === undefined) return { rules, only: null };
  if (typeof rule === "string") return rules.some(({ name }) => name === rule) ? { rules, only: rule } : null;
  const { name = "unnamed", ...definition } = rule;
  const mistakes = checkRule(name, definition, ["rule"]);
  if (mistakes.length > 0) throw mistaken("rule_invalid", mistakes);
  const one = { name, definition, version: 0 };
  const at = rules.findIndex((known) => known.name === name);
  if (at < 0) rules.push(one);
  else rules[at] = one;
  return { rules, only: name };
}

function definitionsOf(rules: NonNullable<PreviewBody["rules"]>): NamedDefinition[] {
  const mistakes = checkRules(rules.map((rule, index) => ({ rule, path: ["rules", index] })));
  if (mistakes.length > 0) throw mistaken("rule_invalid", mistakes);
  return rules.map(({ name, ...definition }) => ({ name, definition, version: 0 }));
}

/** The body as text, because `JSON.parse` would lose digits of numbers beyond double precision. */
async function exactBody(c: Context<AppEnv>): Promise<JsonValue | undefined> {
  const read = readJson(await c.req.text());
  return read.ok && isObject(read.value) ? read.value.body : undefined;
}

function subjectOf({ event_id, headers = {}, type }: PreviewBody, body: JsonValue | undefined): PreviewSubject {
  if (event_id !== undefined) return { eventId: event_id.toLowerCase() };
  const text = typeof body === "string" ? body : JSON.stringify(body ?? null);
  const asJson: Record<string, string> = typeof body === "string" ? {} : { "content-type": "application/json" };
  const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const request = {
    method: "POST",
    url: null,
    key: null,
    headers: { ...asJson, ...given },
    body: utf8(text),
  };
  return { request, type: type ?? null };
}

async function rehearseStored(c: Context<AppEnv, string, { out: { json: RehearseBody } }>): Promise<Response> {
  const body = c.req.valid("json");
  const view = await viewOf(c);
  if (view === null) return problem("not_found", noSource);
  const { clock, stores } = c.var.deps;
  const rules = body.rules === undefined ? null : compileRules(definitionsOf(body.rules), view.source.fetch);
  const span = body.cursor === undefined ? await newSpan(c, body) : readSpan(body.cursor);
  if (span === null && body.cursor !== undefined) return problem("cursor_invalid");
  const open = seesAll(c.var.reader);
  const { page, suppressed } = span === null ? nothing : stores.rehearsals;
  const ports = { clock, rehearsals: { page, suppressed: open ? suppressed : nothing.suppressed } };
  const made = await rehearseEvents(ports, { view, rules, span: span ?? nowhere, asOf: body.as_of });
  const shown = made.calls.length + made.changes.length;
  if (rules !== null || (open && shown > 0))
    await noteRead(c, "reading", c.var.reader.jti, { what: "rehearsal", rows: shown, own_rules: rules !== null });
  return c.json({
    as_of: body.as_of,
    ...rehearsalView(made, rules !== null, open),
    next_cursor: writeSpan(made.next),
    ...notAsked(open, ["suppressed"]),
  });
}

/** Span of a rehearsal for a source without events. */
const nowhere: RehearsalSpan = { after: { at: "", id: "" }, until: { at: "", id: "" } };
const nothing = { page: async () => ({ events: [], next: null }), suppressed: async () => [] };

async function newSpan(c: Context<AppEnv>, { last, days }: RehearseBody): Promise<RehearsalSpan | null> {
  const { clock, stores } = c.var.deps;
  const window = days === undefined ? { last: last ?? lastDefault } : { from: clock.now() - days * dayMs };
  return await stores.rehearsals.span(c.req.param("slug") ?? "", window);
}

function writeSpan(span: RehearsalSpan | null): string | null {
  return span === null ? null : `${writeCursor(span.after)}.${writeCursor(span.until)}`;
}

function readSpan(text: string): RehearsalSpan | null {
  const [after, until] = text.split(".").map(readCursor);
  return after && until ? { after, until } : null;
}

/** @returns The source as planning needs it; null if no source has this name. */
async function viewOf(c: Context<AppEnv>): Promise<PlanView | null> {
  const { sources } = c.var.deps.stores;
  const [source, { lines }] = await Promise.all([sources.copy(c.req.param("slug") ?? ""), sources.lines()]);
  if (source === null) return null;
  return {
    source,
    rules: compileRules(source.rules, source.fetch),
    lines: new Map(lines.map((line) => [line.slug, line])),
  };
}

/** Notes in the audit log that a reader saw, or could infer, data that is masked for others. */
async function noteRead(
  c: Context<AppEnv>,
  subject: string,
  subjectId: string,
  data: Record<string, unknown>,
): Promise<void> {
  const actor = actorOf(c.var.reader);
  await c.var.deps.stores.lookups.noteRead({ subject, subjectId, action: "read", actor, reason: null, data });
}
