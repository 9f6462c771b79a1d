/** Decisions about hooks. */
import { hookEventTypes } from "../../domain/hooks/event-types.ts";
import type { Act, ActPage } from "../forms/act.tsx";
import { reasonField } from "../forms/fields.tsx";
import { showOnce } from "../frame/shown-once.tsx";
import { askApi, type PageContext } from "../page.ts";
import { sentTime } from "../parts/wall-time.ts";
import { viewerOf } from "../viewer.ts";
import type { HookRead } from "./hooks-page.tsx";

const scopes = ["hooks:write", "admin"] as const;
const hooks = { path: "/hooks", name: "Hooks" };

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
  return { ...page, says, back: { path: `/hooks/${idOf(c)}`, name: "The hook", above: hooks } };
}

const secretText = "Receivers verify each delivery with this secret, by Standard Webhooks.";

/** @param did Message after the decision. */
function plainAct(verb: string, words: Omit<ActPage, "back" | "says"> & { text: string }, did = "done"): Act {
  return {
    path: `/hooks/:id/${verb}`,
    scopes,
    page: (c) => pageOf(c, words),
    request: (c, form) => ({
      method: "POST",
      path: `/v1/hooks/${idOf(c)}/${verb}`,
      ...(verb === "pause" ? { body: { reason: form.get("reason") ?? "" } } : {}),
    }),
    done: (c) => `/hooks/${idOf(c)}?did=${did}`,
  };
}

const make: Act = {
  path: "/hooks/new",
  scopes,
  page: async () => ({
    title: "New hook",
    says: (
      <p>The hook belongs to your token's name. If that name has a hook for this address already, it is changed.</p>
    ),
    fields: [
      {
        kind: "line",
        name: "target_url",
        label: "Address",
        hint: "It begins with `https://`.",
        required: true,
        charactersMax: 2_048,
      },
      {
        kind: "text",
        name: "events",
        label: "Events",
        hint: `One per line, or all of a kind: \`call.*\`. There are ${hookEventTypes.join(", ")}.`,
        required: true,
        value: "call.*",
      },
      {
        kind: "line",
        name: "when",
        label: "Condition",
        hint: "An expression in CEL over the body: `data.outcome == 'completed'`. Empty: every event.",
      },
      {
        kind: "choice",
        name: "payload",
        label: "Payload",
        value: "full",
        choices: [
          { value: "full", label: "Whole, without numbers and texts" },
          { value: "full_with_pii", label: "Whole, with numbers and texts", hint: "Needs the scope pii:read." },
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
    if (secret === undefined) return `/hooks/${id}?did=hook_changed`;
    return showOnce(c, {
      ...{ title: "The hook is made", text: secretText, value: secret },
      back: { path: `/hooks/${id}`, name: "The hook" },
    });
  },
};

const rotate: Act = {
  ...plainAct("rotate", {
    title: "Give the hook a new secret?",
    text: "Deliveries are signed with the new secret from now on, and for 24 hours with the former one too. The next page shows the new secret once.",
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
      title: "Redeliver events?",
      text: "Events since this time that the receiver did not get are sent again, each under its own id. The work goes on after you leave the page.",
      fields: [
        { kind: "time", name: "since", label: "Since", hint: `In ${viewerOf(c).zone}.`, required: true },
        { kind: "check", name: "all", label: "Also the events that the receiver got already" },
      ],
      button: "Redeliver",
    }),
  request: (c, form) => ({
    method: "POST",
    path: `/v1/hooks/${idOf(c)}/redeliver`,
    body: { since: sentTime((form.get("since") ?? "").trim(), viewerOf(c).zone), all: form.get("all") === "true" },
  }),
  done: (c) => `/hooks/${idOf(c)}?did=hook_redelivers`,
};

const remove: Act = {
  ...plainAct("remove", {
    title: "Remove the hook?",
    text: "Its deliveries are deleted too, and nothing is sent to this address any more.",
    fields: [],
    button: "Remove the hook",
    final: true,
  }),
  request: (c) => ({ method: "DELETE", path: `/v1/hooks/${idOf(c)}` }),
  done: () => "/hooks?did=hook_removed",
};

const once: Act = {
  path: "/hooks/deliveries/:id/redeliver",
  scopes,
  page: async (c) => {
    const found = await askApi(c, { method: "GET", path: `/v1/deliveries/${idOf(c)}` });
    if (!found.ok) return null;
    return {
      title: "Send once more?",
      says: <p>The receiver gets the same body under the same id, so it can tell that it is a repeat.</p>,
      ...{
        fields: [],
        button: "Send",
        back: { path: `/hooks/deliveries/${idOf(c)}`, name: "The delivery", above: hooks },
      },
    };
  },
  request: (c) => ({ method: "POST", path: `/v1/deliveries/${idOf(c)}/redeliver` }),
  done: (c) => `/hooks/deliveries/${idOf(c)}?did=delivery_again`,
};

export const hookActs: readonly Act[] = [
  make,
  once,
  plainAct(
    "pause",
    {
      title: "Pause the hook?",
      text: "Its deliveries wait until somebody resumes it.",
      fields: [reasonField],
      button: "Pause the hook",
    },
    "hook_paused",
  ),
  plainAct(
    "resume",
    {
      title: "Resume the hook?",
      text: "Waiting deliveries are sent. Events that it missed while it was disabled are sent by “Redeliver”.",
      fields: [],
      button: "Resume the hook",
    },
    "hook_resumed",
  ),
  plainAct(
    "test",
    {
      title: "Send a test?",
      text: "The receiver gets an event with made-up data. It is listed among the deliveries.",
      fields: [],
      button: "Send a test",
    },
    "hook_tested",
  ),
  rotate,
  redeliver,
  remove,
];
