import type { Hono } from "hono";
import { shownStatus } from "../forms/act.tsx";
import { readForm } from "../forms/form.ts";
import { ErrorPage } from "../frame/error-page.tsx";
import { leaveFor, show } from "../frame/response.tsx";
import { may } from "../may.tsx";
import { askApi, has, type PageContext, type PageEnv, PageProblem } from "../page.ts";
import { isId } from "../parts/id.ts";
import { ConfirmPage } from "./confirm-page.tsx";
import { type Decided, DecidedPage } from "./decided-page.tsx";
import { type BulkDecision, decisionRequest, isBulkDecision } from "./decisions.ts";
import { askQueue, decidedAtOnceMax, type QueueFilter, queueFilter, queuePath } from "./queue.ts";
import { ReviewPage, type ReviewRefusal } from "./review-page.tsx";

/** `/review`: calls that wait for a person, their owners, and one decision about many of them. */
export function addReviewPages(app: Hono<PageEnv>): void {
  app.get("/review", may("calls:read"), async (c) => {
    const query = new URL(c.req.url).searchParams;
    return await queuePage(c, queueFilter(query), query.get("cursor"));
  });
  app.post("/review/assign", may("calls:write"), assign);
  app.post("/review/decide", may("calls:write"), decide);
}

type Refused = { readonly refusal: ReviewRefusal; readonly status: number; readonly kept: URLSearchParams };

async function queuePage(c: PageContext, filter: QueueFilter, cursor: string | null, refused: Refused | null = null) {
  const answer = await askQueue(c, filter, cursor);
  const reader = c.var.reader;
  const common = { reader, mayDecide: has(c, "calls:write"), kept: refused?.kept ?? new URLSearchParams() };
  if (answer.ok) {
    const page = { ...common, queue: answer.body, filter, cursor, refusal: refused?.refusal ?? null };
    return show(c, <ReviewPage {...page} />, refused === null ? 200 : shownStatus(refused.status));
  }
  const { problem } = answer;
  // An unreadable cursor is usually a truncated address, so the first page is shown.
  if (problem.code === "cursor_invalid" && cursor !== null) return leaveFor(c, queuePath(filter));
  if (problem.status !== 422) throw new PageProblem(problem);
  const whole = await askQueue(c, {}, null);
  if (!whole.ok) throw new PageProblem(whole.problem);
  const sentence = `The filter was left out. ${problem.detail}`;
  const page = { ...common, queue: whole.body, filter: {}, cursor: null, refusal: { sentence, takeOver: null } };
  return show(c, <ReviewPage {...page} />, 422);
}

/** @returns The filter of the list that the form was on. */
function filterOf(form: URLSearchParams): QueueFilter {
  return queueFilter(new URLSearchParams((form.get("back") ?? "").split("?")[1] ?? ""));
}

async function assign(c: PageContext): Promise<Response> {
  const form = await readForm(c.req.raw);
  if (form === null) return show(c, <ErrorPage failure="too_large" reader={c.var.reader} />, 413);
  const give = form.get("give");
  const over = form.get("over");
  const id = give ?? over ?? form.get("take") ?? "";
  if (!isId(id)) return show(c, <ErrorPage failure="not_found" reader={c.var.reader} />, 404);
  const body = give === null ? { owner: "me", take_from_other: over !== null } : { owner: null };
  const answer = await askApi(c, { method: "POST", path: `/v1/calls/${id}/assign`, body });
  const filter = filterOf(form);
  if (answer.ok) return leaveFor(c, queuePath(filter));
  const { problem } = answer;
  const isOwned = problem.code === "owned";
  // The API's second sentence is about a field of its own. The page has a button for it.
  const sentence = isOwned ? problem.detail.replace(/ Send `take_from_other.*$/, "") : problem.detail;
  const refusal = { sentence: `Nothing was done. ${sentence}`, takeOver: isOwned ? id : null };
  return await queuePage(c, filter, null, { refusal, status: problem.status, kept: new URLSearchParams() });
}

async function decide(c: PageContext): Promise<Response> {
  const form = await readForm(c.req.raw);
  if (form === null) return show(c, <ErrorPage failure="too_large" reader={c.var.reader} />, 413);
  const ids = [...new Set(form.getAll("call"))].filter(isId);
  const decision = form.get("decision") ?? "";
  const reason = (form.get("reason") ?? "").trim();
  const filter = filterOf(form);
  const mistake =
    ids.length === 0
      ? "Select a call first."
      : ids.length > decidedAtOnceMax
        ? `Select at most ${decidedAtOnceMax} calls at once.`
        : !isBulkDecision(decision)
          ? "Choose a decision."
          : decision !== "rang" && reason === ""
            ? "Give a reason."
            : null;
  if (mistake !== null || !isBulkDecision(decision)) {
    const refusal = { sentence: `Nothing was done. ${mistake}`, takeOver: null };
    return await queuePage(c, filter, null, { refusal, status: 422, kept: form });
  }
  const back = queuePath(filter);
  if (form.get("confirmed") !== "yes") {
    const calls = await namesOf(c, ids);
    return show(c, <ConfirmPage reader={c.var.reader} {...{ decision, reason, calls, back }} />);
  }
  const decided: Decided[] = [];
  // One after the other: each call has its own audit entry, and a refusal of one leaves the others alone.
  for (const id of ids) decided.push(await decideOne(c, id, decision, reason));
  return show(c, <DecidedPage reader={c.var.reader} decision={decision} decided={decided} back={back} />);
}

/** @returns The calls with their order numbers. */
async function namesOf(c: PageContext, ids: readonly string[]): Promise<{ id: string; name: string }[]> {
  const lookups = c.var.page.lookups(c.var.reader);
  const stories = await Promise.all(ids.map((id) => lookups.call(id.toLowerCase())));
  return ids.map((id, index) => ({ id, name: stories[index]?.call.order_number ?? `call ${id.slice(0, 8)}` }));
}

async function decideOne(c: PageContext, id: string, decision: BulkDecision, reason: string): Promise<Decided> {
  const answer = await askApi<{ order_number?: string | null }>(c, decisionRequest(id, decision, reason));
  if (answer.ok) return { id, order: answer.body?.order_number ?? null, refused: null };
  const { detail, errors = [] } = answer.problem;
  const story = await c.var.page.lookups(c.var.reader).call(id.toLowerCase());
  const words = [detail, ...errors.map(({ reason: mistake }) => mistake)].join(" ");
  return { id, order: story?.call.order_number ?? null, refused: words };
}
