/**
 * The pages of rules.
 *
 * | request                                  | response                                                         |
 * | ---------------------------------------- | ---------------------------------------------------------------- |
 * | `GET /sources/:slug/rules/:name`         | 200: the rule, its versions and their differences                |
 * | `POST …/rules/:name/edit`, `preview`     | 200: the form again, with the decisions about the newest events; |
 * |                                          | the decisions alone for a form that asks while it is edited      |
 * | `POST …/rules/:name/edit`, `insert`      | 200: the form again, with a path in the field that was chosen    |
 * | `POST …/rules/:name/edit`, `save`        | 303 once it is saved; 200 and the rehearsal of a live rule whose |
 * |                                          | text was not rehearsed; 422 and the form again with its mistakes |
 * | `POST …/rules/:name/mode`                | 303 once it is changed; 409 and the rehearsal for a live rule    |
 * |                                          | that was not rehearsed                                           |
 */
import type { Hono } from "hono";
import type { EventView } from "../../views/calls/event.ts";
import { shownStatus } from "../forms/act.tsx";
import { readForm } from "../forms/form.ts";
import { ErrorPage } from "../frame/error-page.tsx";
import { leaveFor, show } from "../frame/response.tsx";
import { may } from "../may.tsx";
import { type ApiProblem, askApi, isFragment, type PageContext, type PageEnv } from "../page.ts";
import { isId } from "../parts/id.ts";
import { apiPath, pagePath } from "../sources/acts.tsx";
import { addModePage } from "./mode-routes.tsx";
import { PreviewList, type PreviewState } from "./previews.tsx";
import { RehearsalPage } from "./rehearsal-page.tsx";
import {
  fingerprint,
  lineNames,
  newestEvents,
  previewRule,
  rehearseRule,
  rulesOf,
  versionsOf,
  wholeEvent,
} from "./rule-api.ts";
import { filledRule, insertPath, type NamedDocument, type RuleShown, ruleDocument } from "./rule-fields.ts";
import { RuleForm, type RuleFormState } from "./rule-form.tsx";
import { RulePage } from "./rule-page.tsx";

/** `/sources/:slug/rules`: the rules of a source, their editor and their mode. */
export function addRulePages(app: Hono<PageEnv>): void {
  app.get("/sources/:slug/rules/new", may("admin"), (c) => opened(c));
  app.post("/sources/:slug/rules/new", may("admin"), (c) => sent(c));
  app.get("/sources/:slug/rules/:name", may("calls:read", "admin"), rule);
  app.get("/sources/:slug/rules/:name/edit", may("admin"), (c) => opened(c));
  app.post("/sources/:slug/rules/:name/edit", may("admin"), (c) => sent(c));
  addModePage(app);
}

const notFound = (c: PageContext) => show(c, <ErrorPage failure="not_found" reader={c.var.reader} />, 404);

async function rule(c: PageContext): Promise<Response> {
  const versions = await versionsOf(c);
  if (versions === null) return notFound(c);
  const at = (name: string) => versions.find(({ version }) => String(version) === c.req.query(name));
  const [to, from] = [at("to") ?? versions[0], at("from") ?? versions[1]];
  const compared = from === undefined || to === undefined ? null : { from, to };
  const slug = c.req.param("slug") ?? "";
  return show(c, <RulePage reader={c.var.reader} slug={slug} versions={versions} compared={compared} />);
}

/** A rule that is edited: the rules of its source, and its stored version. */
type Edited = { readonly all: readonly RuleShown[]; readonly stored: RuleShown | null };

async function editedOf(c: PageContext): Promise<Edited | null> {
  const all = await rulesOf(c);
  const name = c.req.param("name");
  const stored = all?.find((one) => one.name === name) ?? null;
  return all === null || (name !== undefined && stored === null) ? null : { all, stored };
}

async function opened(c: PageContext): Promise<Response> {
  const edited = await editedOf(c);
  if (edited === null) return notFound(c);
  const form = edited.stored === null ? new URLSearchParams() : filledRule(edited.stored);
  form.set("event", c.req.query("event") ?? "");
  return await editor(c, edited, form);
}

type Refused = { readonly problem: ApiProblem; readonly stale?: RuleFormState["stale"] };

async function editor(
  c: PageContext,
  edited: Edited,
  form: URLSearchParams,
  { problem, stale = null }: Refused | { problem: null; stale?: null } = { problem: null },
): Promise<Response> {
  const [events, lines] = await Promise.all([newestEvents(c), lineNames(c)]);
  const asked = form.get("event") ?? "";
  const [preview, payload] = await Promise.all([
    previewOf(c, edited, form, events),
    wholeEvent(c, isId(asked) ? asked : (events[0]?.id ?? "")),
  ]);
  const page = (
    <RuleForm
      reader={c.var.reader}
      slug={c.req.param("slug") ?? ""}
      stored={edited.stored}
      {...{ form, problem, stale, events, preview, payload, lines }}
    />
  );
  return show(c, page, problem === null ? 200 : shownStatus(problem.status));
}

async function sent(c: PageContext): Promise<Response> {
  const form = await readForm(c.req.raw);
  if (form === null) return show(c, <ErrorPage failure="too_large" reader={c.var.reader} />, 413);
  const edited = await editedOf(c);
  if (edited === null) return notFound(c);
  const act = form.get("act");
  const inserted = form.get("insert");
  if (inserted !== null) insertPath(form, inserted);
  // Only the list of previews is sent to a form that asks while it is edited. Its mistakes are a part of the list.
  if (act === "preview" && isFragment(c))
    return show(c, <PreviewList {...(await previewOf(c, edited, form, await newestEvents(c)))} />);
  if (act !== "save") return await editor(c, edited, form);
  return await saved(c, edited, form, namedOf(form, edited.stored));
}

/** @returns The form's document with the rule's name and its mode, which the form does not change. */
function namedOf(form: URLSearchParams, stored: RuleShown | null): NamedDocument {
  const name = stored?.name ?? (form.get("name") ?? "").trim();
  return { name, mode: stored?.mode ?? "shadow", ...ruleDocument(form, stored) };
}

function invalid(errors: NonNullable<ApiProblem["errors"]>): ApiProblem {
  const detail = errors[0]?.reason ?? "";
  return { status: 422, code: "rule_invalid", title: detail, detail, errors };
}

const refused = (field: string, reason: string) => invalid([{ path: [field], reason }]);

async function previewOf(
  c: PageContext,
  { all, stored }: Edited,
  form: URLSearchParams,
  events: readonly EventView[],
): Promise<PreviewState> {
  const named = namedOf(form, stored);
  // A new rule may have no name yet. A rule that is off is looked at as if it were in shadow.
  const name = named.name === "" ? "unnamed" : named.name;
  const mode = named.mode === "off" ? "shadow" : named.mode;
  const made = await previewRule(c, all, { ...named, name, mode }, events);
  return made.refused === null ? made : { ...made, previews: [] };
}

/** A field of the former form, in which settings were kept that have fields of their own now. */
const formerField = "rest";

async function saved(c: PageContext, edited: Edited, form: URLSearchParams, named: NamedDocument): Promise<Response> {
  const { all, stored } = edited;
  const slug = c.req.param("slug") ?? "";
  if (stored === null) {
    if (named.name === "") return await editor(c, edited, form, { problem: refused("name", "is missing") });
    if (named.name === "new" || all.some(({ name }) => name === named.name))
      return await editor(c, edited, form, { problem: refused("name", "is taken: choose another") });
  } else if (form.has(formerField)) {
    form.delete(formerField);
    for (const [name, value] of filledRule(stored)) if (!form.has(name)) form.append(name, value);
    const detail = "Hookline was updated while this form was open. Look at all fields, and save again.";
    return await editor(c, edited, form, { problem: { status: 409, code: "conflict", title: detail, detail } });
  } else if (form.get("base") !== String(stored.version)) {
    const base = form.get("base") ?? "";
    form.set("base", String(stored.version));
    const detail = `Version ${stored.version} was saved while version ${base} was edited here. Save again to replace it.`;
    const problem = { status: 409, code: "conflict", title: detail, detail };
    return await editor(c, edited, form, { problem, stale: { from: base, to: stored.version } });
  }
  if (stored?.mode === "live") {
    const rehearsed = fingerprint(named, stored.version);
    if (form.get("rehearsed") !== rehearsed) {
      const made = await rehearseRule(c, all, named);
      if (!made.ok) return await editor(c, edited, form, { problem: made.problem });
      const { reader } = c.var;
      return show(c, <RehearsalPage {...{ reader, slug, stored, form, rehearsed }} changed={named} made={made.body} />);
    }
  }
  const { name, ...document } = named;
  const path = apiPath(c, `/rules/${encodeURIComponent(name)}?if_version=${stored?.version ?? 0}`);
  const answer = await askApi<RuleShown>(c, { method: "PUT", path, body: document });
  if (!answer.ok) return await editor(c, edited, form, { problem: answer.problem });
  const did = answer.body.version === stored?.version ? "rule_same" : "rule_saved";
  return leaveFor(c, pagePath(c, `/rules/${encodeURIComponent(name)}?did=${did}`));
}
