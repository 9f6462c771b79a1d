// Lists of the API, which come in pages.
import * as z from "zod";
import { CommandError } from "./command.ts";
import { get, type Service } from "./service.ts";

const rowsDefault = 50;
/** Rows of one page. */
const pageRowsMax = 200;
/** Rows of one list. */
const rowsMax = 10_000;

/** The number behind `--limit`. */
export function limitOf(text: string | undefined): number {
  const limit = Number(text ?? rowsDefault);
  if (!Number.isInteger(limit) || limit < 1 || limit > rowsMax)
    throw new CommandError(`--limit takes a whole number from 1 to ${rowsMax}`, 2);
  return limit;
}

/** The first rows of a list, from as many pages as they need. `more`: whether the list goes on. */
export async function eachRow<Row extends z.ZodType>(
  service: Service,
  path: string,
  filter: URLSearchParams,
  limit: number,
  row: Row,
): Promise<{ rows: z.output<Row>[]; more: boolean }> {
  const page = z.looseObject({ data: z.array(row), next_cursor: z.string().nullable() });
  const rows: z.output<Row>[] = [];
  for (let cursor: string | null = null; ; ) {
    const query = new URLSearchParams(filter);
    query.set("limit", String(Math.min(limit - rows.length, pageRowsMax)));
    if (cursor !== null) query.set("cursor", cursor);
    const found: z.output<typeof page> = await get(service, `${path}?${query}`, page);
    rows.push(...found.data);
    cursor = found.next_cursor;
    if (cursor === null || rows.length >= limit) return { rows, more: cursor !== null };
  }
}
