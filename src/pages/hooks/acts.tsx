/** Decisions about hooks. */
import { hookEventTypes } from "../../domain/hooks/event-types.ts";
import type { Act, ActPage } from "../forms/act.tsx";
import { reasonField } from "../forms/fields.tsx";
import { showOnce } from "../frame/shown-once.tsx";
import { askApi, type PageContext } from "../page.ts";
import type { HookRead } from "./hooks-page.tsx";

const scopes = ["hooks:write", "admin"] as const;

function idOf(c: PageContext): string {
  return encodeURIComponent(c.req.param("id") ?? "");
}

async function pageOf(c: PageContext, page: Omit<ActPage, "back" | "says"> & { text: string }) {
  const found = await askApi<HookRead>(c, { method: "GET", path: `/v1/hooks/${idOf(c)}` });
  if (!found.ok) return null;
  const says = (
    <>
      <p>
        <bdi>{found.body.target_url}</bdi>
      </p>
      <p>{page.text}</p>
    </>
  );
  return { ...page, says, back: { path: `/hooks/${idOf(c)}`, name: "The hook" } };
}

const secretText = "Receivers verify each delivery with this secret, by Standard Webhooks.";

function plainAct(verb: string, words: Omit<ActPage, "back" | "says"> & { text: string }): Act {
  return {
    path: `/hooks/:id/${verb}`,
    scopes,
    page: (c) => pageOf(c, words),
    request: (c, form) => ({
      method: "POST",
      path: `/v1/hooks/${idOf(c)}/${verb}`,
      ...(verb === "pause" ? { body: { reason: form.get("reason") ?? "" } } : {}),
    }),
    done: (c) => `/hooks/${idOf(c)}?did=done`,
  };
}

const make: Act = {
  path: "/hooks/new",
  scopes,
  page: async () => ({
    title: "New hook",
    says: <p>Your token's name owns the hook. The same address again changes the hook that it has.</p>,
    fields: [
      { kind: "line", name: "target_url", label: "Address", hint: "By https.", required: true, charactersMax: 2_048 },
      {
        kind: "text",
        name: "events",
        label: "Events",
        hint: `One a line: ${hookEventTypes.join(", ")}; or all of a kind: call.*`,
        required: true,
        value: "call.*",
      },
      { kind: "line", name: "when", label: "Condition", hint: "In CEL, over the body. May be empty." },
      {
        kind: "choice",
        name: "payload",
        label: "Payload",
        value: "full",
        choices: [
          { value: "full", label: "Whole, without numbers and texts" },
          { value: "full_with_pii", label: "Whole, with numbers and texts", hint: "needs pii:read" },
          { value: "thin", label: "Ids and a link" },
        ],
      },
      { kind: "line", name: "description", label: "Note", charactersMax: 300 },
    ],
    button: "Make the hook",
    back: { path: "/hooks", name: "Hooks" },
  }),
  request: (_, form) => {
    const text = (name: string) => (form.get(name) ?? "").trim();
    return {
      method: "POST",
      path: "/v1/hooks",
      body: {
        target_url: text("target_url"),
        events: text("events").split(/[\s,]+/),
        payload: text("payload") || "full",
        ...(text("when") === "" ? {} : { when: text("when") }),
        ...(text("description") === "" ? {} : { description: text("description") }),
      },
    };
  },
  done: (c, body) => {
    const { id, secret } = body as { id: string; secret?: string };
    if (secret === undefined) return `/hooks/${id}?did=done`;
    return showOnce(c, {
      ...{ title: "The hook is made", text: secretText, value: secret },
      back: { path: `/hooks/${id}`, name: "The hook" },
    });
  },
};

const rotate: Act = {
  ...plainAct("rotate", {
    title: "Give the hook a new secret?",
    text: "For 24 hours the former secret signs too.",
    fields: [],
    button: "Make a new secret",
  }),
  done: (c, body) =>
    showOnce(c, {
      ...{ title: "The new secret", text: secretText, value: (body as { secret?: string }).secret ?? "" },
      back: { path: `/hooks/${idOf(c)}`, name: "The hook" },
    }),
};

const redeliver: Act = {
  path: "/hooks/:id/redeliver",
  scopes,
  page: (c) =>
    pageOf(c, {
      title: "Deliver again?",
      text: "Missed events since this time are sent again, each with its own id. This goes on after you leave the page.",
      fields: [
        { kind: "line", name: "since", label: "Since", hint: "`2026-11-29T08:00:00Z`", required: true },
        { kind: "check", name: "all", label: "Also events that the receiver got" },
      ],
      button: "Deliver again",
    }),
  request: (c, form) => ({
    method: "POST",
    path: `/v1/hooks/${idOf(c)}/redeliver`,
    body: { since: (form.get("since") ?? "").trim(), all: form.get("all") === "true" },
  }),
  done: (c) => `/hooks/${idOf(c)}?did=done`,
};

const remove: Act = {
  ...plainAct("remove", {
    title: "Remove the hook?",
    text: "Its deliveries go too. Nobody is told at this address any more.",
    fields: [],
    button: "Remove the hook",
    final: true,
  }),
  request: (c) => ({ method: "DELETE", path: `/v1/hooks/${idOf(c)}` }),
  done: () => "/hooks?did=done",
};

const once: Act = {
  path: "/hooks/deliveries/:id/redeliver",
  scopes,
  page: async (c) => {
    const found = await askApi(c, { method: "GET", path: `/v1/deliveries/${idOf(c)}` });
    if (!found.ok) return null;
    return {
      title: "Send it once more?",
      says: <p>The receiver gets the same body under the same id.</p>,
      ...{ fields: [], button: "Send", back: { path: `/hooks/deliveries/${idOf(c)}`, name: "The delivery" } },
    };
  },
  request: (c) => ({ method: "POST", path: `/v1/deliveries/${idOf(c)}/redeliver` }),
  done: (c) => `/hooks/deliveries/${idOf(c)}?did=done`,
};

export const hookActs: readonly Act[] = [
  make,
  once,
  plainAct("pause", {
    title: "Pause the hook?",
    text: "Its deliveries wait until somebody resumes it.",
    fields: [reasonField],
    button: "Pause the hook",
  }),
  plainAct("resume", {
    title: "Resume the hook?",
    text: "Waiting deliveries are sent. Redeliver brings events that it missed while it was disabled.",
    fields: [],
    button: "Resume the hook",
  }),
  plainAct("test", { title: "Send a test?", text: "It has made-up data.", fields: [], button: "Send a test" }),
  rotate,
  redeliver,
  remove,
];
