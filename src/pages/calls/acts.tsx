/** Decisions about one call. */
import type { Child } from "hono/jsx";
import type { CallView } from "../../views/calls/call.ts";
import type { newestView } from "../../views/calls/newest.ts";
import { lacksValue, NextSteps } from "../call/missing-value.tsx";
import type { Act, ActPage } from "../forms/act.tsx";
import { reasonField } from "../forms/fields.tsx";
import { askApi, type PageContext } from "../page.ts";
import { Quoted, Status } from "../parts/bits.tsx";
import { isId } from "../parts/id.ts";
import { NewestDifferences } from "./newest-differences.tsx";

type NewestView = ReturnType<typeof newestView>;

/** @returns The call that the address names; null if there is none. */
async function callOf(c: PageContext): Promise<CallView | null> {
  const id = c.req.param("id") ?? "";
  const story = isId(id) ? await c.var.page.lookups(c.var.reader).call(id.toLowerCase()) : null;
  return story?.call ?? null;
}

/** The call, as each of its decisions shows it. */
function About({ call }: { call: CallView }) {
  return (
    <p>
      {call.order_number === null ? "A call" : <Quoted text={`Order ${call.order_number}`} />}: <Status call={call} />
    </p>
  );
}

async function pageOf(
  c: PageContext,
  {
    says: sentence,
    more = null,
    ...rest
  }: Pick<ActPage, "title" | "fields" | "button" | "final" | "impossible"> & {
    says: string;
    more?: Child;
  },
): Promise<ActPage | null> {
  const call = await callOf(c);
  if (call === null) return null;
  const back = {
    path: `/calls/${call.id}`,
    name: call.order_number === null ? "The call" : `Call about ${call.order_number}`,
  };
  const says = (
    <>
      <About call={call} />
      <p>{sentence}</p>
      {more}
    </>
  );
  return { ...rest, says, back };
}

function path(c: PageContext, verb: string): string {
  return `/v1/calls/${c.req.param("id") ?? ""}/${verb}`;
}

/** @returns The page of the call that the API's answer names, which may be a further try. */
function after(c: PageContext, body: unknown, did: string): string {
  const id = (body as { id?: unknown } | null)?.id;
  return `/calls/${typeof id === "string" ? id : (c.req.param("id") ?? "")}?did=${did}`;
}

const cancel: Act = {
  path: "/calls/:id/cancel",
  scopes: ["calls:write"],
  page: (c) =>
    pageOf(c, {
      title: "Cancel this call?",
      says: "It will not ring. If its line has sent it to Mihu already, it cannot be stopped, and this page will say so.",
      fields: [reasonField],
      button: "Cancel the call",
      final: true,
    }),
  request: (c, form) => ({ method: "POST", path: path(c, "cancel"), body: { reason: form.get("reason") ?? "" } }),
  done: (c, body) => after(c, body, "canceled"),
};

const release: Act = {
  path: "/calls/:id/release",
  scopes: ["calls:write"],
  async page(c, form) {
    const [newest, call] = await Promise.all([newestOf(c), callOf(c)]);
    const isIncomplete = call !== null && lacksValue(call);
    const choices = [
      ...(isIncomplete
        ? []
        : [{ value: "shown", label: "Release it as it was shown", hint: "The number and the texts of its page." }]),
      ...(newest !== null && newest.would === "ring"
        ? [
            {
              value: "newest",
              label: `Release it by today's rule, version ${newest.newest_version ?? "?"}`,
              hint: newest.differences.length === 0 ? "Nothing differs." : "With the differences below.",
            },
          ]
        : []),
    ];
    const impossible = choices.length === 0;
    return await pageOf(c, {
      title: impossible ? "This call cannot be released yet" : "Release this call?",
      says: impossible
        ? newest === null
          ? "It lacks a text, and today's rule could not be asked for one. Try again in a moment."
          : "It lacks a text. A person can release it once today's rule gives all texts and would ring."
        : "It is queued, and its line places it within its hours and limits. The number's suppression and the line's gates are asked once more.",
      more: (
        <>
          {isIncomplete && newest?.would !== "ring" ? <NextSteps call={call} scopes={c.var.reader.scopes} /> : null}
          {newest === null ? null : <NewestDifferences newest={newest} />}
        </>
      ),
      impossible,
      fields: [
        {
          kind: "choice",
          name: "render",
          label: "Texts",
          choices,
          required: true,
          value: form.get("render") ?? choices[0]?.value ?? "",
        },
        ...(newest?.newest_version === undefined || newest.newest_version === null
          ? []
          : [{ kind: "kept" as const, name: "rule_version", value: String(newest.newest_version) }]),
        reasonField,
      ],
      button: "Release the call",
    });
  },
  request(c, form) {
    const reason = form.get("reason") ?? "";
    const body =
      form.get("render") === "newest"
        ? { reason, render: "newest", rule_version: Number(form.get("rule_version")) }
        : { reason };
    return { method: "POST", path: path(c, "release"), body };
  },
  done: (c, body) => after(c, body, "released"),
};

/** The call by today's rule; null if it cannot be told, for example because the call is no longer held. */
async function newestOf(c: PageContext): Promise<NewestView | null> {
  if (!isId(c.req.param("id") ?? "")) return null;
  const body = { dry_run: true, render: "newest" };
  const answer = await askApi<NewestView>(c, { method: "POST", path: path(c, "release"), body });
  return answer.ok ? answer.body : null;
}

const resolve: Act = {
  path: "/calls/:id/resolve",
  scopes: ["calls:write"],
  async page(c, form) {
    const call = await callOf(c);
    const looksUp = call?.status === "unknown";
    const needsConversation = call !== null && call.conversation_uuid === null && call.mihu_id === null;
    return await pageOf(c, {
      title: "Did this call ring?",
      says: looksUp
        ? "Hookline still looks it up at Mihu. If it finds nothing, the call waits in “Review”, and you can answer here."
        : "Hookline could not find out. Look at Mihu's list of conversations, or ask the customer. Until somebody answers, the call is never dialled again.",
      ...(looksUp ? { impossible: true } : {}),
      fields: [
        {
          kind: "choice",
          name: "rang",
          label: "Answer",
          required: true,
          value: form.get("rang") ?? "",
          choices: [
            { value: "yes", label: "It rang", hint: "Its outcome is read from Mihu." },
            { value: "dial", label: "It did not ring: dial it", hint: "A further try is queued, through every gate." },
            { value: "close", label: "It did not ring: close it", hint: "The call is canceled. Nobody is rung." },
          ],
        },
        ...(needsConversation
          ? [
              {
                kind: "line" as const,
                name: "conversation_uuid",
                label: "Mihu's conversation, if it rang",
                hint: "Mihu gave no id for this call, so its outcome can only be read by the conversation.",
                charactersMax: 200,
              },
            ]
          : []),
        {
          kind: "line",
          name: "reason",
          label: "Reason, if it did not ring",
          hint: "The audit log stores it with your token's name.",
          charactersMax: 500,
        },
      ],
      button: "Store the answer",
      final: true,
    });
  },
  request(c, form) {
    const said = form.get("rang");
    const conversation = (form.get("conversation_uuid") ?? "").trim();
    const body =
      said === "yes"
        ? { rang: true, ...(conversation === "" ? {} : { conversation_uuid: conversation }) }
        : said === "dial" || said === "close"
          ? noThenable(said, form.get("reason") ?? "")
          : {};
    return { method: "POST", path: path(c, "resolve"), body };
  },
  done: (c, body, form) => after(c, body, form.get("rang") === "dial" ? "again" : "resolved"),
};

function noThenable(said: "dial" | "close", reason: string) {
  // biome-ignore lint/suspicious/noThenProperty: `then` is a field of the API, and its value is a text.
  return { rang: false, then: said, reason };
}

const again: Act = {
  path: "/calls/:id/again",
  scopes: ["calls:write"],
  page: (c) =>
    pageOf(c, {
      title: "Dial this call again?",
      says: "A further try is queued: the customer is rung once more, with the same texts. The line's hours and limits hold, and a suppressed number is not rung. This call stays as it is.",
      fields: [reasonField],
      button: "Dial again",
    }),
  request: (c, form) => ({ method: "POST", path: path(c, "again"), body: { reason: form.get("reason") ?? "" } }),
  done: (c, body) => after(c, body, "again"),
};

export const callActs: readonly Act[] = [cancel, release, resolve, again];
