/** The decision to plan an event again. */
import { type Act, shownStatus } from "../forms/act.tsx";
import { type ApiProblem, type ApiRequest, askApi, type PageContext, PageProblem } from "../page.ts";
import { Quoted, Sentence } from "../parts/bits.tsx";
import { isId } from "../parts/id.ts";
import type { EventShown } from "./event-page.tsx";

/** `POST /v1/events/replay`. */
type Plan = {
  readonly would_call?: number;
  readonly held: number;
  readonly already_called: number;
  readonly owed: number;
  readonly too_old: number;
  readonly skipped: readonly { readonly reason_text: string }[];
  readonly samples: readonly { readonly rule: string; readonly number: string | null; readonly line: string | null }[];
};

export const replayAct: Act = {
  path: "/events/:id/replay",
  scopes: ["calls:write"],
  async page(c, form) {
    const id = c.req.param("id") ?? "";
    if (!isId(id)) return null;
    const event = await askApi<EventShown>(c, { method: "GET", path: `/v1/events/${id}` });
    if (!event.ok && event.problem.status !== 404) throw new PageProblem(event.problem);
    if (!event.ok) return null;
    const plan = await planOf(c, form);
    if (!plan.ok && plan.problem.status !== 422) throw new PageProblem(plan.problem);
    return {
      title: "Replay this event?",
      says: (
        <>
          <p>
            The event goes through today's rules and every gate once more. A customer who was called about it is not
            called again, unless you say so below.
          </p>
          {plan.ok ? <Outlook plan={plan.body} /> : null}
        </>
      ),
      fields: [
        { kind: "check", name: "even_if_called", label: "Call the customer even if they were called about it already" },
        {
          kind: "check",
          name: "ignore_expiry",
          label: "Call even if the event is too old for its rule: its age counts from now",
        },
        {
          kind: "line",
          name: "reason",
          label: "Reason",
          hint: "The call's timeline and the audit log store it with your token's name.",
          required: true,
          charactersMax: 500,
        },
      ],
      button: "Replay the event",
      back: { path: `/events/${id}`, name: `Event ${event.body.type}` },
    };
  },
  async refuses(c, form) {
    const plan = await planOf(c, form);
    if (!plan.ok) return plan.problem;
    if ((form.get("reason") ?? "").trim() === "") return refusal("Give a reason.");
    return (plan.body.would_call ?? 0) > 0 ? null : refusal(whyNone(plan.body));
  },
  request: (c, form) => requestOf(c, form, false),
  done: (c) => `/events/${c.req.param("id") ?? ""}?did=replayed`,
};

function requestOf(c: PageContext, form: URLSearchParams, dryRun: boolean): ApiRequest {
  const reason = (form.get("reason") ?? "").trim();
  return {
    method: "POST",
    path: "/v1/events/replay",
    body: {
      ids: [c.req.param("id") ?? ""],
      even_if_called: form.get("even_if_called") === "true",
      ignore_expiry: form.get("ignore_expiry") === "true",
      dry_run: dryRun,
      ...(reason === "" ? {} : { reason }),
    },
  };
}

function planOf(c: PageContext, form: URLSearchParams) {
  return askApi<Plan>(c, requestOf(c, form, true));
}

function refusal(detail: string): ApiProblem {
  return { status: shownStatus(422), code: "no_call", title: "No call would be made.", detail };
}

/** @returns Why a replay makes no call. */
function whyNone({ already_called, owed, too_old, skipped }: Plan): string {
  const why = [
    already_called > 0 ? "The customer was called about it already." : "",
    owed > 0
      ? "A call of this event still waits to be placed, or for a person. Cancel that call first if another should take its place."
      : "",
    too_old > 0 ? "The event is too old for its rule." : "",
    ...skipped.map(({ reason_text }) => reason_text),
  ].filter((one) => one !== "");
  return `The replay would make no call. ${why.join(" ")}`.trim();
}

/** The replay's result, as its dry run foretells it. */
function Outlook({ plan }: { plan: Plan }) {
  const calls = plan.would_call ?? 0;
  if (calls === 0)
    return (
      <p>
        <Sentence text={whyNone(plan)} />
      </p>
    );
  return (
    <p>
      Now it would make {calls === 1 ? "one call" : `${calls} calls`}
      {plan.held > 0 ? `, ${plan.held} of them held for a person` : ""}
      {plan.samples.length === 0 ? "" : ": "}
      {plan.samples.map(({ rule, number }, index) => (
        <>
          {index === 0 ? "" : ", "}
          <Quoted text={rule} />
          {number === null ? null : (
            <>
              {" "}
              to <Quoted text={number} />
            </>
          )}
        </>
      ))}
      .
    </p>
  );
}
