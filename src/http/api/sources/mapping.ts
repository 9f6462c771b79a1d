import { type Context, Hono } from "hono";
import { checkRule, checkRules } from "../../../domain/config/check.ts";
import { isObject, type JsonValue, readJson } from "../../../domain/json.ts";
import { bodyBytesMax } from "../../../domain/limits.ts";
import type { RuleDefinition } from "../../../domain/rules/rule.ts";
import { compileRules } from "../../../domain/rules/source-rules.ts";
import type { PlanView } from "../../../flows/planning/plan.ts";
import { type PreviewSubject, preview } from "../../../flows/planning/preview.ts";
import { rehearseEvents } from "../../../flows/planning/rehearse.ts";
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

const dayMs = 86_400_000;
const lastDefault = 1_000;

/**
 * `/v1/sources/:slug/…`: what rules would do, before they do it. Nothing is written, and nobody is rung.
 *
 * | asked           | answer                                                                                         |
 * | --------------- | ---------------------------------------------------------------------------------------------- |
 * | `POST preview`  | 200: what each rule would make of a pasted webhook, or of an event that came, and why           |
 * | `POST rehearse` | 200: what the rules would make of the newest events, or what other rules would change of that   |
 */
export function mappingRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.post("/:slug/preview", allow("admin"), jsonBody(previewBody), previewAnswer);
  app.post("/:slug/rehearse", allow("admin"), jsonBody(rehearseBody), rehearseAnswer);
  return app;
}

type NamedDefinition = { readonly name: string; readonly definition: RuleDefinition; readonly version: number };

async function previewAnswer(c: Context<AppEnv, string, { out: { json: PreviewBody } }>): Promise<Response> {
  const asked = c.req.valid("json");
  const view = await viewOf(c);
  if (view === null) return noSource();
  const { clock, identity, webhooks, stores } = c.var.deps;
  const given = asked.rules === undefined ? null : definitionsOf(asked.rules);
  const wanted = chosenRules(view, given, asked.rule);
  if (wanted === null) return problem("not_found", { detail: "The source has no rule of this name." });
  const subject = subjectOf(asked, await exactBody(c));
  if ("request" in subject && subject.request.body.byteLength > bodyBytesMax)
    return problem("too_large", { detail: `A request may carry ${bodyBytesMax} bytes.` });
  const ports = { clock, identity, webhooks, rehearsals: stores.rehearsals };
  const made = await preview(ports, view, compileRules(wanted.rules, view.source.fetch), subject, asked.record);
  if (!made.ok) return notPreviewed(made);
  const open = seesAll(c.var.reader);
  // Whoever asks with rules of their own can learn a field's value from the answers, masked or not.
  const asksAnew = given !== null || typeof asked.rule === "object";
  if ((open || asksAnew) && "eventId" in subject) await noteRead(c, "event", subject.eventId, { what: "preview" });
  const events = made.events.map((event) => ({
    ...event,
    rules: event.rules.filter(({ rule }) => wanted.only === null || rule === wanted.only),
  }));
  return c.json({
    as_of: iso(made.nowMs),
    events: events.map((event) => previewView(event, open)),
    left_out: made.leftOut,
  });
}

function notPreviewed(made: Extract<Awaited<ReturnType<typeof preview>>, { ok: false }>): Response {
  if (made.reason === "no_event") return problem("not_found", { detail: "The source has no event of this id." });
  if (made.reason === "erased") return problem("invalid", { detail: "The event was erased: nothing is left of it." });
  const detail = "detail" in made ? made.detail : "The body cannot be read.";
  return problem("unreadable", { detail, errors: [{ path: ["body"], reason: made.reason }] });
}

/** The rules that are looked at, and the one that is shown. `null`: there is none of this name. */
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

/** The body as it was written: a number with more digits than a double holds would lose them as JSON. */
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
    body: new TextEncoder().encode(text),
  };
  return { request, type: type ?? null };
}

async function rehearseAnswer(c: Context<AppEnv, string, { out: { json: RehearseBody } }>): Promise<Response> {
  const asked = c.req.valid("json");
  const view = await viewOf(c);
  if (view === null) return noSource();
  const { clock, stores } = c.var.deps;
  const rules = asked.rules === undefined ? null : compileRules(definitionsOf(asked.rules), view.source.fetch);
  const span = asked.cursor === undefined ? await newSpan(c, asked) : readSpan(asked.cursor);
  if (span === null && asked.cursor !== undefined) return problem("cursor_invalid");
  const ports = { clock, rehearsals: span === null ? nothing : stores.rehearsals };
  const made = await rehearseEvents(ports, { view, rules, span: span ?? nowhere, asOf: asked.as_of });
  const open = seesAll(c.var.reader);
  const shown = made.calls.length + made.changes.length;
  if (rules !== null || (open && shown > 0))
    await noteRead(c, "reading", c.var.reader.jti, { what: "rehearsal", rows: shown, own_rules: rules !== null });
  return c.json({
    as_of: asked.as_of,
    ...rehearsalView(made, rules !== null, open),
    next_cursor: writeSpan(made.next),
  });
}

/** Where nothing has come there is nothing to read. */
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

/** The source as the plan knows it; `null`: there is none of this name. */
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

function noSource(): Response {
  return problem("not_found", { detail: "There is no source of this name." });
}

/** Whoever reads what is masked for others, or could learn it, is noted. */
async function noteRead(
  c: Context<AppEnv>,
  subject: string,
  subjectId: string,
  data: Record<string, unknown>,
): Promise<void> {
  const actor = actorOf(c.var.reader);
  await c.var.deps.stores.lookups.noteRead({ subject, subjectId, action: "read", actor, reason: null, data });
}
