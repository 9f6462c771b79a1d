/** Mihu's lists, read page by page up to a limit. */
import type { JsonObject, JsonValue } from "../domain/json.ts";
import type { HttpAnswer } from "../platform/http-client.ts";
import { dataOf, objectIn, objectOf } from "./wire.ts";

/** Sends a GET for a path below the base URL. */
export type Get = (path: string, answerBytesMax?: number) => Promise<HttpAnswer>;

/** Default limits: items of a page, and pages of a list. */
const perPageDefault = 100;
const pagesDefaultMax = 3;
/** Bytes of a page: a hundred items with long summaries. */
const listBytesMax = 1_048_576;

/** Why a page could not be read. `unknown`: Mihu has nothing at the path. */
type ListFailure = "unknown" | "late" | "refused";

/**
 * `failed`: why a page could not be read; `items` are those of earlier pages. `complete`: there is no further page.
 * `nextPage`: the first page that was not read.
 */
type ReadList = {
  readonly items: readonly JsonValue[];
  readonly complete: boolean;
  readonly failed: ListFailure | null;
  readonly nextPage: number;
};

type ListBounds = { readonly perPage?: number; readonly pagesMax?: number; readonly firstPage?: number };

/**
 * Reads a list, one page after another.
 *
 * @param path Below the base URL.
 * @param query Filters. They are escaped here (`+` as `%2B`).
 */
export async function readList(
  get: Get,
  path: string,
  query: Readonly<Record<string, string>> = {},
  { perPage = perPageDefault, pagesMax = pagesDefaultMax, firstPage = 1 }: ListBounds = {},
): Promise<ReadList> {
  const items: JsonValue[] = [];
  const nextPage = firstPage + pagesMax;
  for (let page = firstPage; page < nextPage; page++) {
    const asked = new URLSearchParams({ ...query, page: String(page), per_page: String(perPage) });
    const answer = await get(`${path}?${asked}`, listBytesMax);
    const list = bodyOf(answer);
    const found = list === null ? null : itemsOf(list);
    if (list === null || found === null) return { items, complete: false, failed: failureOf(answer), nextPage: page };
    items.push(...found);
    if (isLast(list, page, found.length, perPage)) return { items, complete: true, failed: null, nextPage: page + 1 };
  }
  return { items, complete: false, failed: null, nextPage };
}

function failureOf(answer: HttpAnswer): ListFailure {
  if (answer.kind === "timeout") return "late";
  return answer.kind === "answer" && answer.status === 404 ? "unknown" : "refused";
}

/** @returns The body of a 2xx, if it is a complete JSON object without `success: false`; else null. */
export function bodyOf(answer: HttpAnswer): JsonObject | null {
  if (answer.kind !== "answer" || answer.truncated || answer.status < 200 || answer.status > 299) return null;
  const body = objectIn(answer.text);
  return body === null || body.success === false ? null : body;
}

/** @returns A list's items, from either envelope (`data.data`, `data.items`) or bare; null without a list. */
function itemsOf(list: JsonObject): readonly JsonValue[] | null {
  const data = dataOf(list);
  const items = data.data ?? data.items;
  return Array.isArray(items) ? items : null;
}

/** Without a page count, a full page means that there may be another. */
function isLast(list: JsonObject, page: number, found: number, perPage: number): boolean {
  const data = dataOf(list);
  const lastPage = data.last_page ?? objectOf(data.pagination)?.last_page;
  return typeof lastPage === "number" ? page >= lastPage : found < perPage;
}
