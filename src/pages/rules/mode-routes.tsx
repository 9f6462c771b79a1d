import type { Hono } from "hono";
import { ruleModes } from "../../domain/rules/rule.ts";
import { shownStatus } from "../forms/act.tsx";
import { readForm } from "../forms/form.ts";
import { ErrorPage } from "../frame/error-page.tsx";
import { leaveFor, show } from "../frame/response.tsx";
import { may } from "../may.tsx";
import { type ApiProblem, askApi, type PageContext, type PageEnv } from "../page.ts";
import { pagePath } from "../sources/acts.tsx";
import { ModePage } from "./mode-page.tsx";
import { fingerprint, rehearseRule, rulePath, rulesOf } from "./rule-api.ts";
import { type RuleShown, storedDocument } from "./rule-fields.ts";

/** `…/rules/:name/mode`: off, shadow, test or live. A rule becomes live after its rehearsal was shown. */
export function addModePage(app: Hono<PageEnv>): void {
  app.get("/sources/:slug/rules/:name/mode", may("admin"), (c) => modePage(c, null, null));
  app.post("/sources/:slug/rules/:name/mode", may("admin"), changeMode);
}

type Ruled = { readonly all: readonly RuleShown[]; readonly stored: RuleShown };

async function ruledOf(c: PageContext): Promise<Ruled | null> {
  const all = await rulesOf(c);
  const stored = all?.find(({ name }) => name === c.req.param("name"));
  return all === null || stored === undefined ? null : { all, stored };
}

const asLive = (stored: RuleShown) => ({ ...storedDocument(stored), mode: "live" });

async function modePage(c: PageContext, form: URLSearchParams | null, problem: ApiProblem | null): Promise<Response> {
  const ruled = await ruledOf(c);
  if (ruled === null) return show(c, <ErrorPage failure="not_found" reader={c.var.reader} />, 404);
  const { all, stored } = ruled;
  const made = await rehearseRule(c, all, asLive(stored));
  const page = (
    <ModePage
      reader={c.var.reader}
      slug={c.req.param("slug") ?? ""}
      {...{ stored, form, problem, made }}
      rehearsed={made.ok ? fingerprint(asLive(stored), stored.version) : ""}
    />
  );
  return show(c, page, problem === null ? 200 : shownStatus(problem.status));
}

async function changeMode(c: PageContext): Promise<Response> {
  const form = await readForm(c.req.raw);
  if (form === null) return show(c, <ErrorPage failure="too_large" reader={c.var.reader} />, 413);
  const ruled = await ruledOf(c);
  if (ruled === null) return show(c, <ErrorPage failure="not_found" reader={c.var.reader} />, 404);
  const { stored } = ruled;
  const mode = form.get("mode") ?? "";
  if (!ruleModes.some((one) => one === mode)) {
    const reason = `must be one of: ${ruleModes.join(", ")}`;
    return await modePage(c, form, problemOf(422, reason, [{ path: ["mode"], reason }]));
  }
  if (mode === "live" && form.get("rehearsed") !== fingerprint(asLive(stored), stored.version))
    return await modePage(c, form, problemOf(409, "The rule was not rehearsed as it is now. See the rehearsal below."));
  const { name: _, test_number: __, ...document } = storedDocument(stored);
  const number = (form.get("test_number") ?? "").trim();
  const body = { ...document, mode, ...(number === "" ? {} : { test_number: number }) };
  const answer = await askApi<RuleShown>(c, {
    method: "PUT",
    path: rulePath(c, `?if_version=${stored.version}`),
    body,
  });
  if (!answer.ok) return await modePage(c, form, answer.problem);
  const did = answer.body.version === stored.version ? "rule_same" : "rule_mode";
  return leaveFor(c, pagePath(c, `/rules/${encodeURIComponent(stored.name)}?did=${did}`));
}

function problemOf(status: number, detail: string, errors: NonNullable<ApiProblem["errors"]> = []): ApiProblem {
  return { status, code: "refused", title: detail, detail, errors };
}
