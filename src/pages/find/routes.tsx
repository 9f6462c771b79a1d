import type { Hono } from "hono";
import type { FoundView } from "../../views/calls/find.ts";
import { leaveFor, show } from "../frame/response.tsx";
import { may } from "../may.tsx";
import { askApi, type PageContext, type PageEnv, PageProblem } from "../page.ts";
import { FindPage, Suggestions } from "./find-page.tsx";

/** `/find?q=`: anything by any id. `/find/suggestions`: the list below the search box, as somebody types. */
export function addFindPages(app: Hono<PageEnv>): void {
  app.get("/find", may("calls:read"), find);
  app.get("/find/suggestions", may("calls:read"), suggestions);
}

/** One match leads straight to its page. */
async function find(c: PageContext): Promise<Response> {
  const sought = (c.req.query("q") ?? "").trim();
  const { reader } = c.var;
  if (sought === "") return show(c, <FindPage reader={reader} sought="" found={null} refused={null} />);
  const answer = await ask(c, sought);
  if (typeof answer === "string")
    return show(c, <FindPage reader={reader} sought={sought} found={null} refused={answer} />);
  const [first, ...others] = answer.matches;
  if (first !== undefined && others.length === 0) {
    await c.var.page.readings.write();
    return leaveFor(c, first.link);
  }
  return show(c, <FindPage reader={reader} sought={sought} found={answer} refused={null} />);
}

async function suggestions(c: PageContext): Promise<Response> {
  const sought = (c.req.query("q") ?? "").trim();
  const answer = sought === "" ? "" : await ask(c, sought);
  const found = typeof answer === "string" ? null : answer;
  return show(c, <Suggestions sought={sought} found={found} />);
}

/** @returns The matches; a sentence if the text cannot be looked up. */
async function ask(c: PageContext, sought: string): Promise<FoundView | string> {
  const answer = await askApi<FoundView>(c, { method: "GET", path: `/v1/find?q=${encodeURIComponent(sought)}` });
  if (answer.ok) return answer.body;
  if (answer.problem.status === 422) return answer.problem.detail;
  throw new PageProblem(answer.problem);
}
