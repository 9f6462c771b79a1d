import type { Hono } from "hono";
import type { SourceView } from "../../views/sources/config.ts";
import { shownStatus, Trail } from "../forms/act.tsx";
import { readForm } from "../forms/form.ts";
import { ErrorPage } from "../frame/error-page.tsx";
import { Layout } from "../frame/layout.tsx";
import { leaveFor, show } from "../frame/response.tsx";
import { may } from "../may.tsx";
import { type ApiProblem, askApi, type PageContext, type PageEnv, readApi } from "../page.ts";
import { Quoted } from "../parts/bits.tsx";
import { SourceTrail } from "../parts/source-trail.tsx";
import { visible } from "../parts/visible.ts";
import { apiPath, pagePath, sourceOf } from "../sources/acts.tsx";
import type { PresetView, RejectionList } from "../sources/api-types.ts";
import { PresetsPage } from "./presets-page.tsx";
import { documentOf, filledForm, formGroups } from "./source-fields.ts";
import { SourceForm } from "./source-form.tsx";
import { WaitingPage } from "./waiting-page.tsx";

/** Sets a source up in three steps, and changes its settings. Each step is a form of its own. */
export function addSetupPages(app: Hono<PageEnv>): void {
  app.get("/sources/new", may("admin"), presets);
  app.get("/sources/new/:preset", may("admin"), (c) => newSource(c, null, null));
  app.post("/sources/new/:preset", may("admin"), makeSource);
  app.get("/sources/:slug/setup", may("calls:read", "admin"), waiting);
  app.get("/sources/:slug/settings", may("admin"), (c) => settings(c, null, null));
  app.post("/sources/:slug/settings", may("admin"), saveSettings);
}

const notFound = (c: PageContext) => show(c, <ErrorPage failure="not_found" reader={c.var.reader} />, 404);
const tooLarge = (c: PageContext) => show(c, <ErrorPage failure="too_large" reader={c.var.reader} />, 413);

async function presets(c: PageContext): Promise<Response> {
  const { data } = await readApi<{ data: readonly PresetView[] }>(c, "/v1/presets");
  return show(c, <PresetsPage reader={c.var.reader} presets={data} asked={c.req.query("q") ?? ""} />);
}

async function presetOf(c: PageContext, name: string): Promise<PresetView | null> {
  const answer = await askApi<PresetView>(c, { method: "GET", path: `/v1/presets/${encodeURIComponent(name)}` });
  return answer.ok ? answer.body : null;
}

async function newSource(c: PageContext, form: URLSearchParams | null, problem: ApiProblem | null): Promise<Response> {
  const preset = await presetOf(c, c.req.param("preset") ?? "");
  if (preset === null) return notFound(c);
  return show(
    c,
    <Layout title={`Set up ${preset.title}`} reader={c.var.reader}>
      <Trail path="/sources" name="Sources">
        <a href="/sources/new">Set up a source</a>
      </Trail>
      <SourceForm
        groups={formGroups(preset, true, preset.name)}
        form={form ?? new URLSearchParams()}
        problem={problem}
        button="Make the source"
        back="/sources/new"
      >
        <p class="above">Step 2 of 3</p>
        <h1>{visible(preset.title)}</h1>
      </SourceForm>
    </Layout>,
    problem === null ? 200 : shownStatus(problem.status),
  );
}

function refusal(field: string, reason: string): ApiProblem {
  return { status: 422, code: "invalid", title: reason, detail: reason, errors: [{ path: [field], reason }] };
}

async function makeSource(c: PageContext): Promise<Response> {
  const form = await readForm(c.req.raw);
  if (form === null) return tooLarge(c);
  const preset = await presetOf(c, c.req.param("preset") ?? "");
  if (preset === null) return notFound(c);
  const slug = (form.get("slug") ?? "").trim();
  if (slug === "") return await newSource(c, form, refusal("slug", "is missing"));
  if (slug === "new") return await newSource(c, form, refusal("slug", "is the name of a page: choose another"));
  const path = `/v1/sources/${encodeURIComponent(slug)}`;
  // The API would change a source of this name. A form that makes one must not.
  const known = await askApi<SourceView>(c, { method: "GET", path });
  if (known.ok && known.body.disconnected_at === null)
    return await newSource(c, form, refusal("slug", "is taken: another source has this name"));
  const made = await askApi(c, { method: "PUT", path, body: documentOf(form, preset, null) });
  if (!made.ok) return await newSource(c, form, made.problem);
  return leaveFor(c, `/sources/${encodeURIComponent(slug)}/setup?did=source_made`);
}

async function waiting(c: PageContext): Promise<Response> {
  const source = await sourceOf(c);
  if (source === null) return notFound(c);
  const { data } = await readApi<RejectionList>(c, apiPath(c, "/rejections"));
  const needsSecret = source.warnings.some((text) => /has no secret, so/.test(text));
  return show(c, <WaitingPage reader={c.var.reader} source={source} rejections={data} needsSecret={needsSecret} />);
}

async function settings(c: PageContext, form: URLSearchParams | null, problem: ApiProblem | null): Promise<Response> {
  const source = await sourceOf(c);
  const preset = source === null ? null : await presetOf(c, source.preset);
  if (source === null || preset === null) return notFound(c);
  const isClosed = source.disconnected_at !== null;
  return show(
    c,
    <Layout title={`Settings of ${source.slug}`} reader={c.var.reader}>
      <SourceTrail slug={source.slug} />
      <SourceForm
        groups={formGroups(preset, false, "")}
        form={form ?? filledForm(source)}
        problem={problem}
        button={isClosed ? "Open it again" : "Save"}
        back={pagePath(c)}
      >
        <p class="above">{visible(preset.title)}</p>
        <h1>
          {isClosed ? "Open " : "Settings of "}
          <Quoted text={source.slug} />
          {isClosed ? " again" : ""}
        </h1>
        <p class="note">Webhooks that arrive from now on are verified and read by these settings.</p>
      </SourceForm>
    </Layout>,
    problem === null ? 200 : shownStatus(problem.status),
  );
}

async function saveSettings(c: PageContext): Promise<Response> {
  const form = await readForm(c.req.raw);
  if (form === null) return tooLarge(c);
  const source = await sourceOf(c);
  const preset = source === null ? null : await presetOf(c, source.preset);
  if (source === null || preset === null) return notFound(c);
  const saved = await askApi(c, { method: "PUT", path: apiPath(c), body: documentOf(form, preset, source) });
  if (!saved.ok) return await settings(c, form, saved.problem);
  return leaveFor(c, pagePath(c, "?did=source_saved"));
}
