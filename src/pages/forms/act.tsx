/**
 * A decision of a person: a page that says what will happen, with a form, in front of one operation of the API.
 *
 * | request                      | response                                                                    |
 * | ---------------------------- | --------------------------------------------------------------------------- |
 * | `GET`                        | 200: the form                                                               |
 * | `POST`, done                 | 303 to the page that shows the result                                       |
 * | `POST`, refused by the API   | the API's status: the form again, with the API's words, and what was typed  |
 * | its subject does not exist   | 404                                                                         |
 */
import type { Hono } from "hono";
import type { Child, PropsWithChildren } from "hono/jsx";
import { ErrorPage } from "../frame/error-page.tsx";
import { Layout } from "../frame/layout.tsx";
import { leaveFor, show } from "../frame/response.tsx";
import { may } from "../may.tsx";
import { type ApiProblem, type ApiReply, type ApiRequest, askApi, type PageContext, type PageEnv } from "../page.ts";
import { ownSentence } from "../page-words.ts";
import { Sentence } from "../parts/bits.tsx";
import { type Field, FieldRow } from "./fields.tsx";
import { readForm } from "./form.ts";
import { Refusal } from "./refusal.tsx";

type Place = { readonly path: string; readonly name: string };

/** The page of a decision. */
export type ActPage = {
  readonly title: string;
  /** Consequences, and the state of the subject. */
  readonly says: Child;
  readonly fields: readonly Field[];
  /** Text of the button: the verb. */
  readonly button: string;
  /** Whether it cannot be taken back. */
  readonly final?: boolean;
  /** Whether the decision cannot be taken as things are: there is no form, and `says` has the next step. */
  readonly impossible?: boolean;
  /** Page to which the decision belongs. */
  readonly back: Place & { readonly above?: Place };
};

export type Act = {
  /** Route of the form. */
  readonly path: string;
  /** One of these is enough for the page. */
  readonly scopes: readonly string[];
  /** A scope that its reader needs besides. */
  readonly also?: string;
  /**
   * @param form The sent form, or an empty one.
   * @returns The page; null if its subject does not exist.
   */
  page(c: PageContext, form: URLSearchParams): Promise<ActPage | null>;
  /** A reason not to ask the API, if the API itself would not refuse it. Absent: it always asks. */
  refuses?(c: PageContext, form: URLSearchParams): Promise<ApiProblem | null>;
  /** @returns The API's request for a sent form. */
  request(c: PageContext, form: URLSearchParams): ApiRequest;
  /** @returns The page after the decision. `did` in its query names a message (frame/did.ts). */
  done(c: PageContext, body: unknown, form: URLSearchParams): string | Promise<Response>;
};

/** Adds the routes of decisions. */
export function addActs(app: Hono<PageEnv>, acts: readonly Act[]): void {
  for (const act of acts) {
    const also = may(...(act.also === undefined ? act.scopes : [act.also]));
    app.get(act.path, may(...act.scopes), also, async (c) => {
      const page = await act.page(c, new URLSearchParams(new URL(c.req.url).search));
      return page === null ? notFound(c) : show(c, <ActForm c={c} page={page} form={null} problem={null} />);
    });
    app.post(act.path, may(...act.scopes), also, async (c) => {
      const form = await readForm(c.req.raw);
      if (form === null) return show(c, <ErrorPage failure="too_large" reader={c.var.reader} />, 413);
      const refusal = (await act.refuses?.(c, form)) ?? null;
      const answer: ApiReply<unknown> =
        refusal === null ? await askApi(c, act.request(c, form)) : { ok: false, problem: refusal };
      if (answer.ok) {
        const next = act.done(c, answer.body, form);
        return typeof next === "string" ? leaveFor(c, next) : await next;
      }
      const page = await act.page(c, form);
      if (page === null) return notFound(c);
      const { problem } = answer;
      return show(c, <ActForm c={c} page={page} form={form} problem={problem} />, shownStatus(problem.status));
    });
  }
}

function notFound(c: PageContext): Promise<Response> {
  return show(c, <ErrorPage failure="not_found" reader={c.var.reader} />, 404);
}

const shownStatuses = [400, 401, 403, 404, 409, 413, 422, 429, 500, 502, 503] as const;

/** @returns The status of a page for a problem of the API. */
export function shownStatus(status: number): (typeof shownStatuses)[number] {
  return shownStatuses.find((one) => one === status) ?? 500;
}

type Shown = { c: PageContext; page: ActPage; form: URLSearchParams | null; problem: ApiProblem | null };

function ActForm({ c, page, form, problem }: Shown) {
  const { title, says, fields, button, final = false, impossible = false, back } = page;
  const names = impossible ? [] : fields.flatMap((field) => (field.kind === "kept" ? [] : [field.name]));
  const errors = (problem?.errors ?? []).map(({ path, reason }) => [fieldOf(path, names), reason] as const);
  const mistakes = new Map(
    [...Map.groupBy(errors, ([name]) => name)].map(([name, own]) => [
      name,
      own.map(([, reason]) => ownSentence(reason)).join(" "),
    ]),
  );
  const others = errors.filter(([name]) => !names.includes(name));
  const isMarked = errors.length > others.length;
  return (
    <Layout title={title} reader={c.var.reader}>
      <Trail {...(back.above ?? back)}>{back.above === undefined ? null : <a href={back.path}>{back.name}</a>}</Trail>
      <section class="act" aria-labelledby="act">
        <h1 id="act">{title}</h1>
        <div class="says">{says}</div>
        {problem === null ? null : (
          <Refusal
            lead="Nothing was done."
            says={isMarked ? "See the marked fields." : others.length > 0 ? null : <Sentence text={problem.detail} />}
            others={others}
          />
        )}
        {impossible ? (
          <p class="buttons">
            <a class="button quiet" href={back.path}>
              Back
            </a>
          </p>
        ) : (
          <form method="post" action={actionOf(c)}>
            {fields.map((field) => (
              <FieldRow field={filled(field, form)} mistake={mistakes.get(field.name) ?? null} />
            ))}
            <div class="buttons">
              <button type="submit" class={final ? "final" : ""}>
                {button}
              </button>
              <a class="button quiet" href={back.path}>
                Back
              </a>
            </div>
          </form>
        )}
      </section>
    </Layout>
  );
}

/** @returns The field of a mistake: `events.0` is of the field `events`. The whole path if the form has no such field. */
function fieldOf(path: readonly (string | number)[], names: readonly string[]): string {
  const whole = path.join(".");
  return names.find((name) => whole === name || whole.startsWith(`${name}.`)) ?? whole;
}

/** The form's own address. Its query selects the subject and stays. */
function actionOf(c: PageContext): string {
  const { pathname, search } = new URL(c.req.url);
  return pathname + search;
}

/** @returns The field with the text that was sent, so that a refusal loses nothing. */
function filled(field: Field, form: URLSearchParams | null): Field {
  if (form === null || field.kind === "secret") return field;
  return { ...field, value: form.get(field.name) ?? "" };
}

/** The way back to the page above. */
export function Trail({ path, name, children }: PropsWithChildren<Place>) {
  return (
    <nav class="trail" aria-label="Back">
      <a href={path}>{name}</a>
      {children}
    </nav>
  );
}
