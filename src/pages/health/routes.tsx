import type { Hono } from "hono";
import { dayMs } from "../../domain/limits.ts";
import type { LineView } from "../../views/lines/line.ts";
import type { StatisticsView } from "../../views/statistics.ts";
import { show } from "../frame/response.tsx";
import { may } from "../may.tsx";
import { askApi, has, isFragment, type PageContext, type PageEnv, readApi } from "../page.ts";
import { BooksPage, type BooksRead } from "./books-page.tsx";
import type { HeadsRead, TasksRead } from "./checks.tsx";
import { HealthPage } from "./health-page.tsx";

/** Days of the chart of a month. */
const monthDays = 31;

/** `/health`: the state of the service. `/health/books`: everything counted. */
export function addHealthPages(app: Hono<PageEnv>): void {
  app.get("/health", may("calls:read"), health);
  app.get("/health/books", may("calls:read"), books);
}

async function health(c: PageContext): Promise<Response> {
  const { page, reader } = c.var;
  const now = page.clock.now();
  const [readiness, lines, heads, tasks, day, month] = await Promise.all([
    page.readiness(),
    readApi<{ data: LineView[] }>(c, "/v1/lines"),
    readApi<HeadsRead>(c, "/v1/audit/heads"),
    has(c, "admin") ? readApi<TasksRead>(c, "/v1/tasks?limit=50") : null,
    statistics(c, "hour", now - dayMs, now),
    statistics(c, "day", now - (monthDays - 1) * dayMs, now),
  ]);
  const parts = { reader, readiness, lines: lines.data, heads, tasks };
  return show(c, <HealthPage {...parts} day={day} month={month} />);
}

/** @returns Null for a part of a page that is open already: only its state is asked for again. */
async function statistics(
  c: PageContext,
  by: "hour" | "day",
  from: number,
  to: number,
): Promise<StatisticsView | null> {
  if (isFragment(c)) return null;
  const query = new URLSearchParams({ by, from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  const answer = await askApi<StatisticsView>(c, { method: "GET", path: `/v1/statistics?${query}` });
  return answer.ok ? answer.body : null;
}

async function books(c: PageContext): Promise<Response> {
  const found = await readApi<BooksRead>(c, "/v1/balance");
  return show(c, <BooksPage reader={c.var.reader} books={found} />);
}
