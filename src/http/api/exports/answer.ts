import type { Context } from "hono";
import { type ExportedList, type ExportFormat, exportList } from "../../../views/exports/export-list.ts";
import type { AppEnv } from "../../deps.ts";

/** `text/csv` (RFC 4180, RFC 7111) and `application/jsonl`. */
const types: Readonly<Record<ExportFormat, string>> = {
  csv: "text/csv; charset=utf-8; header=present",
  jsonl: "application/jsonl",
};

/** Answers with a list as a file. The request's Postgres client stays open until the file ends. */
export async function answerExport<Row>(
  c: Context<AppEnv>,
  list: ExportedList<Row>,
  format: ExportFormat,
): Promise<Response> {
  const { deps, reader } = c.var;
  const headers = {
    "content-type": types[format],
    "content-disposition": `attachment; filename="${fileName(list, format, deps.clock.now())}"`,
  };
  // A HEAD request takes no body, and a body that nobody takes would never end.
  if (c.req.method === "HEAD") return c.body(null, 200, headers);
  const ports = { readings: deps.stores.lookups, reader, id: deps.identity.randomId() };
  const { body, ended } = await exportList(ports, list, format);
  deps.holdOpen(ended);
  return c.body(body, 200, headers);
}

/** List, range and date: `hookline-calls-from-2026-11-01-to-2026-12-01-exported-2026-12-01.csv`. */
function fileName<Row>({ name, filter }: ExportedList<Row>, format: ExportFormat, now: number): string {
  const day = (moment: unknown) => String(moment).slice(0, 10);
  const range = (["from", "to"] as const).flatMap((end) => (filter[end] === undefined ? [] : [end, day(filter[end])]));
  return ["hookline", name, ...range, "exported", `${day(new Date(now).toISOString())}.${format}`].join("-");
}
