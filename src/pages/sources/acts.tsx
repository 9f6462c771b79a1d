/** Decisions about one source. Each is one operation of the API. */
import type { SourceView } from "../../views/sources/config.ts";
import type { Act, ActPage } from "../forms/act.tsx";
import { reasonField } from "../forms/fields.tsx";
import { amount } from "../frame/notices.tsx";
import { askApi, type PageContext, PageProblem } from "../page.ts";
import { Quoted, Sentence, Time } from "../parts/bits.tsx";
import type { RejectionList } from "./api-types.ts";
import { secretFields } from "./secret-fields.ts";

/** @returns The source that the address names; null if there is none. */
export async function sourceOf(c: PageContext): Promise<SourceView | null> {
  const answer = await askApi<SourceView>(c, { method: "GET", path: apiPath(c) });
  if (answer.ok) return answer.body;
  const { status } = answer.problem;
  if (status === 404 || status === 400 || status === 422) return null;
  throw new PageProblem(answer.problem);
}

/** @returns The API's path of the source that the address names. */
export function apiPath(c: PageContext, more = ""): string {
  return `/v1/sources/${encodeURIComponent(c.req.param("slug") ?? "")}${more}`;
}

/** @returns The page of the source that the address names. */
export function pagePath(c: PageContext, more = ""): string {
  return `/sources/${encodeURIComponent(c.req.param("slug") ?? "")}${more}`;
}

const sources = { path: "/sources", name: "Sources" };

type More = Pick<ActPage, "title" | "fields" | "button" | "final" | "impossible">;

async function pageOf(
  c: PageContext,
  make: (source: SourceView) => (More & { says: ActPage["says"] }) | null,
): Promise<ActPage | null> {
  const source = await sourceOf(c);
  const made = source === null ? null : make(source);
  return made === null
    ? null
    : { ...made, back: { path: pagePath(c), name: c.req.param("slug") ?? "", above: sources } };
}

const optionalReason = { ...reasonField, required: false } as const;

function reasonOf(form: URLSearchParams): { reason?: string } {
  const reason = (form.get("reason") ?? "").trim();
  return reason === "" ? {} : { reason };
}

const pause: Act = {
  path: "/sources/:slug/pause",
  scopes: ["admin"],
  page: (c) =>
    pageOf(c, ({ slug }) => ({
      title: `Pause ${slug}?`,
      says: (
        <p>
          Its webhooks are still verified and stored, and the sender sees no error. No rule decides until the source
          resumes, so nobody is called about them. Calls that were queued before still ring.
        </p>
      ),
      fields: [{ ...reasonField, hint: "The source's page shows it to everybody.", charactersMax: 300 }],
      button: "Pause it",
    })),
  request: (c, form) => ({ method: "POST", path: apiPath(c, "/pause"), body: { reason: form.get("reason") ?? "" } }),
  done: (c) => pagePath(c, "?did=source_paused"),
};

const resume: Act = {
  path: "/sources/:slug/resume",
  scopes: ["admin"],
  page: (c) =>
    pageOf(c, ({ slug, paused }) => ({
      title: `Resume ${slug}?`,
      says: <p>{paused === null ? "It is not paused." : resumeWords(paused.events_waiting ?? 0)}</p>,
      impossible: paused === null,
      fields: [{ ...optionalReason, charactersMax: 300 }],
      button: "Resume it",
    })),
  request: (c, form) => ({ method: "POST", path: apiPath(c, "/resume"), body: reasonOf(form) }),
  done: (c) => pagePath(c, "?did=source_resumed"),
};

function resumeWords(waiting: number): string {
  if (waiting === 0) return "No event waits.";
  const wait = waiting === 1 ? "waits and is decided now" : "wait and are decided now, in their order";
  return `${amount(waiting)} ${wait}. Calls that are too late are not made.`;
}

const fetchNow: Act = {
  path: "/sources/:slug/fetch-now",
  scopes: ["admin"],
  page: (c) =>
    pageOf(c, ({ slug, fetching }) => ({
      title: `Fetch the records of ${slug} now?`,
      says: (
        <p>
          {fetching === null
            ? "No fetch fails at the moment. Events that wait for a record are tried at once."
            : `${amount(fetching.events_waiting)} ${fetching.events_waiting === 1 ? "waits" : "wait"} for a record, and ${fetching.events_waiting === 1 ? "is" : "are"} tried at once instead of at the next time.`}
        </p>
      ),
      fields: [{ ...optionalReason, charactersMax: 300 }],
      button: "Fetch now",
    })),
  request: (c, form) => ({ method: "POST", path: apiPath(c, "/fetch-now"), body: reasonOf(form) }),
  done: (c) => pagePath(c, "?did=fetching"),
};

const disconnect: Act = {
  path: "/sources/:slug/disconnect",
  scopes: ["admin"],
  page: (c) =>
    pageOf(c, ({ slug, setup }) => ({
      title: `Disconnect ${slug}?`,
      says: (
        <>
          <p>
            Its address <Quoted text={setup.url} /> answers 404 from now on, and its sender may delete the webhook. Its
            events and calls stay, and the source can be opened again.
          </p>
          <p>To stop its calls for a while, pause it instead.</p>
        </>
      ),
      fields: [waitingField],
      button: "Disconnect it",
      final: true,
    })),
  request: (c, form) => ({
    method: "DELETE",
    path: apiPath(c, `?waiting=${form.get("waiting") === "keep" ? "keep" : "cancel"}`),
  }),
  done: (c) => pagePath(c, "?did=disconnected"),
};

/** The choice about calls that wait when nothing makes them any more. */
const waitingField: ActPage["fields"][number] = {
  kind: "choice",
  name: "waiting",
  label: "Calls that wait",
  value: "cancel",
  choices: [
    { value: "cancel", label: "Cancel them" },
    { value: "keep", label: "Let them ring" },
  ],
};

const addSecret: Act = {
  path: "/sources/:slug/secrets/new",
  scopes: ["admin"],
  page: (c) =>
    pageOf(c, ({ slug, secrets = [] }) => ({
      title: secrets.length === 0 ? `Set the secret of ${slug}` : `Rotate the secret of ${slug}`,
      says: (
        <p>
          The new secret verifies webhooks from now on.
          {secrets.length === 0 ? "" : " The present ones verify as long as you choose below."} The new one is sealed
          before it is stored, and no page shows it again.
        </p>
      ),
      fields: secretFields(secrets.length > 0),
      button: secrets.length === 0 ? "Set the secret" : "Add the secret",
    })),
  request: (c, form) => {
    const retire = form.get("retire_others_in") ?? "";
    return {
      method: "POST",
      path: apiPath(c, "/secrets"),
      body: {
        value: form.get("secret") ?? "",
        ...(retire === "" || retire === "never" ? {} : { retire_others_in: retire }),
      },
    };
  },
  done: (c) => pagePath(c, "?did=secret_added"),
};

const removeSecret: Act = {
  path: "/sources/:slug/secrets/:id/remove",
  scopes: ["admin"],
  page: (c) =>
    pageOf(c, ({ secrets = [] }) => {
      const secret = secrets.find(({ id }) => id === c.req.param("id"));
      if (secret === undefined) return null;
      return {
        title: "Remove this secret?",
        says: (
          <>
            <p>
              {secret.env === null ? "The secret" : <Quoted text={secret.env} />} of{" "}
              <Time at={secret.created_at ?? ""} precision="minutes" />. Webhooks that are signed with it are refused
              from now on. Their rejections are stored, and can be accepted once a right secret is set.
            </p>
            {secrets.length > 1 ? null : (
              <p>
                <strong>It is the last one.</strong> Without it every webhook is refused. Add the next secret first.
              </p>
            )}
          </>
        ),
        fields:
          secrets.length > 1
            ? []
            : [{ kind: "check", name: "force", label: "Remove it nevertheless: refuse every webhook" } as const],
        button: "Remove it",
        final: true,
      };
    }),
  request: (c, form) => ({
    method: "DELETE",
    path: apiPath(
      c,
      `/secrets/${encodeURIComponent(c.req.param("id") ?? "")}${form.get("force") === "true" ? "?force=true" : ""}`,
    ),
  }),
  done: (c) => pagePath(c, "?did=secret_removed"),
};

/** Why no request can be accepted. @param id The one that was chosen; absent: all. */
function notAcceptable(c: PageContext, requests: RejectionList["data"], id: string | undefined) {
  const meant = id === undefined ? requests.filter(({ kept }) => kept) : requests.filter((one) => one.id === id);
  if (meant.length === 0)
    return id === undefined ? "No refused request is stored whole." : "This request is not stored any more.";
  if (meant.every(({ accepted_at }) => accepted_at !== null))
    return id === undefined ? "All stored requests were accepted." : "This request was accepted already.";
  return (
    <>
      {id === undefined ? "None of the stored requests verifies now." : "This request does not verify now."}{" "}
      <a href={pagePath(c, "/secrets/new")}>Set the right secret</a> first, then accept.
    </>
  );
}

const accept: Act = {
  path: "/sources/:slug/rejections/accept",
  scopes: ["admin"],
  async page(c) {
    const id = c.req.query("id");
    const answer = await askApi<RejectionList>(c, { method: "GET", path: apiPath(c, "/rejections") });
    if (!answer.ok) return null;
    const ready = answer.body.data.filter((one) => one.verifies_now === true && one.kept && one.accepted_at === null);
    const chosen = id === undefined ? ready : ready.filter((one) => one.id === id);
    const one = chosen.length === 1;
    const back = {
      path: pagePath(c, "/rejections"),
      name: "Refused requests",
      above: { path: pagePath(c), name: c.req.param("slug") ?? "" },
    };
    if (chosen.length === 0)
      return {
        title: "No request can be accepted",
        says: <p>{notAcceptable(c, answer.body.data, id)}</p>,
        ...{ fields: [], button: "Accept", impossible: true, back },
      };
    return {
      title: one ? "Accept this request?" : `Accept ${chosen.length} requests?`,
      says: (
        <>
          <p>
            {one ? "It verifies" : "They verify"} now. The events are planned as if they had just come, so the rules
            that are live may call somebody.
          </p>
          <ul class="plain">
            {chosen.map(({ at, detail }) => (
              <li>
                <Time at={at} /> <Sentence text={detail ?? ""} />
              </li>
            ))}
          </ul>
        </>
      ),
      fields: [{ ...optionalReason }],
      button: one ? "Accept it" : "Accept them",
      back,
    };
  },
  request: (c, form) => {
    const id = c.req.query("id");
    return {
      method: "POST",
      path: apiPath(c, "/rejections/accept"),
      body: { ...(id === undefined ? { all: true } : { ids: [id] }), ...reasonOf(form) },
    };
  },
  done: (c, body) => {
    const { accepted = 0 } = (body ?? {}) as { accepted?: number };
    return pagePath(c, `/rejections?did=${accepted > 0 ? "accepted" : "not_accepted"}`);
  },
};

export const sourceActs: readonly Act[] = [
  ...[pause, resume, fetchNow, disconnect],
  ...[addSecret, removeSecret, accept],
];
