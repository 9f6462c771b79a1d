/** Decisions about lines. */
import type { LineView } from "../../views/lines/line.ts";
import type { Act, ActPage } from "../forms/act.tsx";
import { type Field, reasonField } from "../forms/fields.tsx";
import { askApi, type PageContext, PageProblem, readApi } from "../page.ts";
import { Waits } from "../parts/bits.tsx";
import { RuleLinks } from "./rule-links.tsx";
import { settingsBody, settingsFields } from "./settings.ts";

const admin = ["admin"] as const;
const all = { path: "/lines", name: "Lines" };
const noReason: Field = { ...reasonField, required: false, charactersMax: 300 };
const pauseReason: Field = {
  ...reasonField,
  hint: "The line shows it, and the audit log stores it with your token's name.",
  charactersMax: 300,
};

/** Calls that a pause found claimed. */
type Stopped = { readonly confirmed: boolean; readonly in_flight: number };

/** @returns The line of the address; null if there is none. */
export async function lineOf(c: PageContext): Promise<LineView | null> {
  const answer = await askApi<LineView>(c, { method: "GET", path: pathOf(c) });
  if (answer.ok) return answer.body;
  if (["not_found", "invalid"].includes(answer.problem.code)) return null;
  throw new PageProblem(answer.problem);
}

function pathOf(c: PageContext, verb = ""): string {
  return `/v1/lines/${encodeURIComponent(c.req.param("slug") ?? "")}${verb}`;
}

function here(c: PageContext, did: string): string {
  return `/lines/${encodeURIComponent(c.req.param("slug") ?? "")}?did=${did}`;
}

type Words = Omit<ActPage, "back" | "says"> & { says(line: LineView): ActPage["says"] };

async function pageOf(c: PageContext, words: (line: LineView) => Words): Promise<ActPage | null> {
  const line = await lineOf(c);
  if (line === null) return null;
  const { says, ...page } = words(line);
  return { ...page, says: says(line), back: { path: `/lines/${line.slug}`, name: line.slug, above: all } };
}

/** @returns The reason of a form; absent if it was left empty. */
function reasonOf(form: URLSearchParams): { reason?: string } {
  const reason = (form.get("reason") ?? "").trim();
  return reason === "" ? {} : { reason };
}

const pause: Act = {
  path: "/lines/:slug/pause",
  scopes: admin,
  page: (c) =>
    pageOf(c, ({ slug }) => ({
      title: `Pause the line ${slug}?`,
      says: () => (
        <>
          <p>It begins no call until somebody resumes it. Waiting calls stay, and expire as their rules say.</p>
          <p>A call that it has sent to Mihu already goes on.</p>
        </>
      ),
      fields: [pauseReason],
      button: "Pause the line",
    })),
  request: (c, form) => ({ method: "POST", path: pathOf(c, "/pause"), body: { reason: form.get("reason") ?? "" } }),
  done: (c, body) => here(c, `line_${pausedWord([(body as { stopped: Stopped }).stopped])}`),
};

/** @returns The end of a message's code: how well a pause went. */
function pausedWord(stopped: readonly Stopped[]): string {
  if (stopped.some(({ confirmed }) => !confirmed)) return "pause_unconfirmed";
  return stopped.some(({ in_flight }) => in_flight > 0) ? "paused_in_flight" : "paused";
}

const resume: Act = {
  path: "/lines/:slug/resume",
  scopes: admin,
  page: (c) =>
    pageOf(c, ({ slug, paused }) => ({
      title: `Resume the line ${slug}?`,
      says: () =>
        paused === null ? (
          <p>It is not paused.</p>
        ) : (
          <>
            <p>
              <Waits waits={{ ...paused, until: null }} />
            </p>
            <p>Calls that wait begin at once, within its pace and its hours.</p>
          </>
        ),
      impossible: paused === null,
      fields: [noReason],
      button: "Resume the line",
    })),
  request: (c, form) => ({ method: "POST", path: pathOf(c, "/resume"), body: reasonOf(form) }),
  done: (c) => here(c, "line_resumed"),
};

const settings: Act = {
  path: "/lines/:slug/settings",
  scopes: admin,
  page: (c) =>
    pageOf(c, (line) => ({
      title: `Settings of ${line.slug}`,
      says: () => <p>They hold for the next call. New hours also move calls that wait.</p>,
      fields: settingsFields(line),
      button: "Save",
    })),
  request: (c, form) => ({ method: "PUT", path: pathOf(c), body: settingsBody(form) }),
  done: (c) => here(c, "line_saved"),
};

const connect: Act = {
  path: "/lines/:slug/connect",
  scopes: admin,
  page: (c) =>
    pageOf(c, ({ slug, has_webhook }) => ({
      title: `Connect ${slug} to Mihu?`,
      says: () => (
        <>
          <p>
            Hookline registers a webhook with the line's agent at Mihu. Outcomes then arrive within a second, and are
            not only asked for.
          </p>
          {has_webhook ? <p>This line has a webhook. A correct one stays as it is.</p> : null}
        </>
      ),
      fields: [
        {
          kind: "check",
          name: "rotate",
          label: "Make a new address and a new secret in any case",
          hint: "After a leak, or if the secret was changed at Mihu.",
        },
      ],
      button: "Connect",
    })),
  request: (c, form) => ({
    method: "POST",
    path: pathOf(c, "/connect"),
    body: { rotate: form.get("rotate") === "true" },
  }),
  done: (c, body) => here(c, `line_${(body as { did: string }).did}`),
};

const remove: Act = {
  path: "/lines/:slug/remove",
  scopes: admin,
  page: (c) =>
    pageOf(c, ({ slug, rules }) => ({
      title: `Remove the line ${slug}?`,
      says: () =>
        rules.length === 0 ? (
          <>
            <p>No rule calls by it. Calls by hand and by the API can no longer use it.</p>
            <p>A line that has made calls cannot be removed, because they refer to it. Pause it instead.</p>
          </>
        ) : (
          <>
            <p>
              It cannot be removed while a rule calls by it. Give {rules.length === 1 ? "this rule" : "these rules"}{" "}
              another line first:
            </p>
            <RuleLinks rules={rules} />
          </>
        ),
      impossible: rules.length > 0,
      fields: [],
      button: "Remove the line",
      final: true,
    })),
  request: (c) => ({ method: "DELETE", path: pathOf(c) }),
  done: () => "/lines?did=line_removed",
};

const slugForm = "must be lower-case letters, digits and hyphens, at most 63, a letter or digit first";

const make: Act = {
  path: "/all-lines/new",
  scopes: admin,
  page: async () => ({
    title: "New line",
    says: <p>A rule names the line by which it calls. The line decides how fast, where and when.</p>,
    fields: [
      {
        kind: "line",
        name: "slug",
        label: "Name",
        hint: "Lower-case letters, digits and hyphens. It cannot be changed later.",
        required: true,
        charactersMax: 63,
        placeholder: "support-en",
      },
      ...settingsFields(null),
    ],
    button: "Make the line",
    back: all,
  }),
  // The API's PUT would change the line of this name.
  async refuses(c, form) {
    const slug = (form.get("slug") ?? "").trim();
    const answer = await askApi(c, { method: "GET", path: `/v1/lines/${encodeURIComponent(slug || " ")}` });
    const is = answer.ok ? "is the name of another line" : answer.problem.code === "not_found" ? null : slugForm;
    if (is === null) return null;
    return {
      ...{ status: 422, code: "invalid", title: "The name cannot be used.", detail: "The name cannot be used." },
      errors: [{ path: ["slug"], reason: is }],
    };
  },
  request: (_, form) => ({
    method: "PUT",
    path: `/v1/lines/${encodeURIComponent((form.get("slug") ?? "").trim())}`,
    body: settingsBody(form),
  }),
  done: (_, body) => `/lines/${(body as LineView).slug}?did=line_made`,
};

const pauseAll: Act = {
  path: "/all-lines/pause",
  scopes: admin,
  page: async (c) => {
    const { data } = await readApi<{ data: LineView[] }>(c, "/v1/lines");
    const running = data.filter(({ paused }) => paused === null).map(({ slug }) => slug);
    return {
      title: "Pause all lines?",
      says: (
        <>
          <p>
            {running.length === 0
              ? "No line is running."
              : `${running.length === 1 ? "This line begins" : `These ${running.length} lines begin`} no call until somebody resumes ${running.length === 1 ? "it" : "them"}: ${running.join(", ")}.`}{" "}
            Waiting calls stay, and expire as their rules say.
          </p>
          <p>A line that is made later is not paused. “Resume all” ends this pause, and no other.</p>
        </>
      ),
      fields: [pauseReason],
      button: "Pause all lines",
      final: true,
      back: all,
    };
  },
  request: (_, form) => ({ method: "POST", path: "/v1/lines/pause", body: { reason: form.get("reason") ?? "" } }),
  done: (_, body) =>
    `/lines?did=lines_${pausedWord((body as { data: { stopped: Stopped }[] }).data.map(({ stopped }) => stopped))}`,
};

const resumeAll: Act = {
  path: "/all-lines/resume",
  scopes: admin,
  page: async () => ({
    title: "Resume all lines?",
    says: <p>This ends the pause of all lines together. A line that was paused for another reason stays paused.</p>,
    fields: [noReason],
    button: "Resume all lines",
    back: all,
  }),
  request: (_, form) => ({ method: "POST", path: "/v1/lines/resume", body: reasonOf(form) }),
  done: (_, body) =>
    (body as { data: unknown[] }).data.length === 0 ? "/lines?did=lines_none_resumed" : "/lines?did=lines_resumed",
};

export const lineActs: readonly Act[] = [pause, resume, settings, connect, remove, make, pauseAll, resumeAll];
