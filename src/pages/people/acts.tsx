/** Decisions about people: suppressions, erasures and tokens. */
import { groupedNumber } from "../../views/numbers.ts";
import type { Act } from "../forms/act.tsx";
import { type Field, reasonField } from "../forms/fields.tsx";
import { Layout } from "../frame/layout.tsx";
import { show } from "../frame/response.tsx";
import { showOnce } from "../frame/shown-once.tsx";
import { has, type PageContext, readApi } from "../page.ts";
import { sentTime } from "../parts/wall-time.ts";
import { viewerOf } from "../viewer.ts";

const back = { path: "/people", name: "People" };
const numberField: Field = {
  kind: "line",
  name: "number",
  label: "Number",
  hint: "With its country's calling code, such as `+1 415 555 0100`.",
  required: true,
  charactersMax: 40,
};
const text = (form: URLSearchParams, name: string) => (form.get(name) ?? "").trim();

const suppress: Act = {
  path: "/people/suppress",
  scopes: ["calls:write"],
  also: "pii:read",
  page: async (c) => ({
    title: "Suppress a number?",
    says: <p>No line calls it from now on, and its waiting calls are canceled.</p>,
    fields: [
      numberField,
      { ...reasonField, charactersMax: 300 },
      { kind: "time", name: "until", label: "Until", hint: `In ${viewerOf(c).zone}. Empty: without an end.` },
    ],
    button: "Suppress the number",
    back,
  }),
  request: (c, form) => ({
    method: "POST",
    path: "/v1/suppressions",
    body: {
      number: text(form, "number"),
      reason: text(form, "reason"),
      until: text(form, "until") === "" ? null : sentTime(text(form, "until"), viewerOf(c).zone),
    },
  }),
  done: () => "/people?did=number_suppressed",
};

const release: Act = {
  path: "/people/release",
  scopes: ["calls:write"],
  also: "pii:read",
  page: async () => ({
    title: "End a suppression?",
    says: <p>Lines may call the number again. Calls that were canceled stay canceled.</p>,
    fields: [numberField],
    button: "End the suppression",
    back,
  }),
  request: (_, form) => ({
    method: "DELETE",
    path: `/v1/suppressions/${encodeURIComponent(text(form, "number") || " ")}`,
  }),
  done: () => "/people?did=suppression_ended",
};

/** @returns "1 call", "2 calls". */
function counted(count: number, one: string, many = `${one}s`): string {
  return `${groupedNumber(count)} ${count === 1 ? one : many}`;
}

/** The word that confirms an erasure. */
const confirmation = "erase";

type Erased = {
  readonly erased: { readonly calls: number; readonly events: number; readonly canceled_calls: number };
  readonly waiting: { readonly calls: number };
  readonly told: readonly { readonly host: string; readonly deliveries: number }[];
  readonly not_searched: string | null;
  readonly more: boolean;
};

const erase: Act = {
  path: "/people/erase",
  scopes: ["admin"],
  also: "pii:read",
  page: async () => ({
    title: "Erase a person?",
    says: (
      <>
        <p>
          Number, texts, summaries and recordings of all calls to this number go for good, with the bodies of the events
          that made them. Status, times, outcome and order number stay, and so does a suppression.
        </p>
        <p>Waiting calls are canceled. Afterwards this page names the receivers who were told already.</p>
      </>
    ),
    fields: [
      numberField,
      { ...reasonField, hint: "The audit log stores it for good: do not name the person." },
      { kind: "line", name: "confirm", label: `Type ${confirmation} to confirm`, required: true },
    ],
    button: "Erase for good",
    final: true,
    back,
  }),
  async refuses(_, form) {
    if (text(form, "confirm").toLowerCase() === confirmation) return null;
    const detail = "It was not confirmed.";
    const errors = [{ path: ["confirm"], reason: `must be the word ${confirmation}` }];
    return { status: 422, code: "invalid", title: detail, detail, errors };
  },
  request: (_, form) => ({
    method: "POST",
    path: "/v1/erasures",
    body: { number: text(form, "number"), reason: text(form, "reason") },
  }),
  done: (c, body) => {
    const { erased, waiting, told, not_searched, more } = body as Erased;
    return show(
      c,
      <Layout title="Erased" reader={c.var.reader}>
        <section class="act" aria-labelledby="erased">
          <h1 id="erased">The data is erased</h1>
          <p>
            Erased: {counted(erased.calls, "call")} and {counted(erased.events, "event")}. Canceled:{" "}
            {counted(erased.canceled_calls, "call")}.
          </p>
          {waiting.calls === 0 && !more ? null : (
            <p class="why">
              Some calls are still under way ({waiting.calls}) or left over. Erase again once they are over.
            </p>
          )}
          <h2>Receivers who were told before</h2>
          {told.length === 0 ? (
            <p>No hook was sent this person's data.</p>
          ) : (
            <ul class="plain">
              {told.map(({ host, deliveries }) => (
                <li>
                  <bdi>{host}</bdi>: {counted(deliveries, "delivery", "deliveries")}
                </li>
              ))}
            </ul>
          )}
          {not_searched === null ? null : <p class="note">{not_searched}</p>}
          <p class="acts">
            <a class="button quiet" href="/people">
              People
            </a>
          </p>
        </section>
      </Layout>,
    );
  },
};

const allScopes = ["calls:read", "calls:write", "pii:read", "hooks:write", "admin"] as const;

const scopeWords: Readonly<Record<(typeof allScopes)[number], string>> = {
  "calls:read": "Reads calls, orders, events, sources and lines. Numbers and texts stay masked.",
  "calls:write":
    "Decides about calls: places, cancels, releases and resolves them. With pii:read it also suppresses numbers.",
  "pii:read":
    "Shows numbers, texts, transcripts and recordings. Readings of calls, orders and events are entries of the audit log.",
  "hooks:write": "Makes and changes its own hooks.",
  admin: "Changes sources, rules, lines, hooks and tokens. With pii:read it also erases people.",
};

const mint: Act = {
  path: "/people/tokens/new",
  scopes: ["admin"],
  page: async (c) => ({
    title: "New token",
    says: (
      <p>
        A token is a key to the API and to these pages. Choose the scopes that it needs. It can have only those that
        yours has.
      </p>
    ),
    fields: [
      {
        kind: "line",
        name: "name",
        label: "Name",
        hint: "The audit log names the token by it.",
        required: true,
        charactersMax: 100,
      },
      ...allScopes
        .filter((scope) => has(c, scope) || scope === "hooks:write")
        .map((scope): Field => ({ kind: "check", name: scope, label: scope, hint: scopeWords[scope] })),
      { kind: "line", name: "days", label: "Days until it ends", hint: "At most 90.", required: true, value: "30" },
    ],
    button: "Make the token",
    back,
  }),
  request: (_, form) => ({
    method: "POST",
    path: "/v1/tokens",
    body: {
      name: text(form, "name"),
      scopes: allScopes.filter((scope) => form.get(scope) === "true"),
      days: /^\d{1,4}$/.test(text(form, "days")) ? Number(text(form, "days")) : text(form, "days"),
    },
  }),
  done: (c, body) =>
    showOnce(c, {
      title: "The token is made",
      text: "Its holder sends it with each request.",
      value: (body as { token: string }).token,
      back,
    }),
};

/** A token, as `GET /v1/tokens` has it. */
export type TokenRead = {
  readonly jti: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expires_at: string;
  readonly revoked_at: string | null;
  readonly ends_soon: boolean;
};

const revoke: Act = {
  path: "/people/tokens/:jti/revoke",
  scopes: ["admin"],
  page: async (c) => {
    const { data } = await readApi<{ data: TokenRead[] }>(c, "/v1/tokens");
    const token = data.find(({ jti, revoked_at }) => jti === c.req.param("jti") && revoked_at === null);
    if (token === undefined) return null;
    return {
      title: "Revoke this token?",
      says: (
        <p>
          The token “<bdi>{token.name}</bdi>” opens nothing from now on: requests with it are answered 401, its sessions
          end, and its hooks wait.
          {token.jti === c.var.reader.jti ? " You are signed in with it, so you are signed out." : ""}
        </p>
      ),
      ...{ fields: [], button: "Revoke the token", final: true, back },
    };
  },
  request: (c: PageContext) => ({
    method: "DELETE",
    path: `/v1/tokens/${encodeURIComponent(c.req.param("jti") ?? "")}`,
  }),
  done: () => "/people?did=token_revoked",
};

export const peopleActs: readonly Act[] = [suppress, release, erase, mint, revoke];
