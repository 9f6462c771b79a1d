/** Decisions that begin a task, and the one that cancels it. */
import { groupedNumber } from "../../views/numbers.ts";
import { filterNames, type ListFilter, listPath, readFilter, setFields } from "../calls/filter.ts";
import type { Act } from "../forms/act.tsx";
import { askApi, type PageContext, PageProblem } from "../page.ts";
import { Quoted } from "../parts/bits.tsx";
import { type BulkDecision, bulkDecisions, isBulkDecision, operationOf } from "../review/decisions.ts";
import { viewerOf } from "../viewer.ts";

/** Matching calls, as a dry run counts them. */
type Counted = { readonly matching: number; readonly more: boolean };

function filterOf(c: PageContext): ListFilter {
  return readFilter(new URL(c.req.url).searchParams, viewerOf(c).zone);
}

async function countOf(c: PageContext, decision: BulkDecision): Promise<Counted> {
  const { verb, said } = operationOf(decision);
  const body = { ...said, filter: filterOf(c), reason: "count", dry_run: true };
  const answer = await askApi<Counted>(c, { method: "POST", path: `/v1/calls/${verb}`, body });
  if (!answer.ok) throw new PageProblem(answer.problem);
  return answer.body;
}

const decideAll: Act = {
  path: "/calls/decide",
  scopes: ["calls:write"],
  async page(c) {
    const set = setFields(filterOf(c));
    if (set.length === 0) return null;
    const counts = await Promise.all(
      (["release", "cancel", "rang"] as const).map(async (one) => ({ one, count: await countOf(c, one) })),
    );
    const countFor = (of: string) =>
      counts.find(({ one }) => bulkDecisions[one].of === of)?.count ?? { matching: 0, more: false };
    return {
      title: "Decide all calls of this list",
      says: (
        <>
          <p>
            The decision applies to every call of the list:{" "}
            {set.map(([name, value], nth) => (
              <>
                {nth === 0 ? "" : ", "}
                {filterNames[name].toLowerCase()} <Quoted text={value} />
              </>
            ))}
            . A call that does not allow it when the task comes to it stays as it is.
          </p>
          <p>The task goes on after you close its page. You can cancel it there; its work until then stays done.</p>
        </>
      ),
      fields: [
        {
          ...{ kind: "choice", name: "decision", label: "Decision", required: true },
          choices: Object.entries(bulkDecisions).map(([value, { label, consequence, of }]) => {
            const { matching, more } = countFor(of);
            const calls = `${more ? "at least " : ""}${groupedNumber(matching)} now`;
            return { value, label: `${label} (${calls})`, hint: consequence };
          }),
        },
        {
          ...{ kind: "line", name: "reason", label: "Reason", required: true, charactersMax: 500 },
          hint: "The audit entry of each call stores it with your token's name.",
        },
      ],
      button: "Begin the task",
      final: true,
      back: { path: listPath(filterOf(c)), name: "Calls" },
    };
  },
  async refuses(_, form) {
    const decision = form.get("decision") ?? "";
    if (isBulkDecision(decision)) return null;
    const detail = "Choose a decision.";
    return { status: 422, code: "invalid", title: detail, detail, errors: [{ path: ["decision"], reason: detail }] };
  },
  request(c, form) {
    const decision = form.get("decision") ?? "";
    const { verb, said } = operationOf(isBulkDecision(decision) ? decision : "close");
    const body = { ...said, filter: filterOf(c), reason: form.get("reason") ?? "", as_task: true };
    return { method: "POST", path: `/v1/calls/${verb}`, body };
  },
  done: (_, body) => `/tasks/${(body as { id: string }).id}`,
};

const cancel: Act = {
  path: "/tasks/:id/cancel",
  scopes: ["calls:write", "hooks:write", "admin"],
  async page(c) {
    const path = `/v1/tasks/${encodeURIComponent(c.req.param("id") ?? "")}`;
    const answer = await askApi<{ state: string }>(c, { method: "GET", path });
    if (!answer.ok && answer.problem.status !== 404) throw new PageProblem(answer.problem);
    if (!answer.ok) return null;
    const impossible = answer.body.state !== "running";
    return {
      title: "Cancel the task?",
      says: <p>{impossible ? "The task has ended already." : "The task stops. Its work until now stays done."}</p>,
      impossible,
      fields: [{ kind: "line", name: "reason", label: "Reason", required: true, charactersMax: 500 }],
      button: "Cancel the task",
      final: true,
      back: { path: `/tasks/${c.req.param("id") ?? ""}`, name: "Task" },
    };
  },
  request: (c, form) => ({
    method: "POST",
    path: `/v1/tasks/${encodeURIComponent(c.req.param("id") ?? "")}/cancel`,
    body: { reason: form.get("reason") ?? "" },
  }),
  done: (c) => `/tasks/${c.req.param("id") ?? ""}?did=task_canceled`,
};

export const taskActs: readonly Act[] = [decideAll, cancel];
