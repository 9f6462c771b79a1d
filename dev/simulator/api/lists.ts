/** Laravel's list envelope: `page`, `per_page` ≤ 100. */
import { invalid, type JsonAnswer, success } from "../http.ts";

const PER_PAGE_DEFAULT = 15;
const PER_PAGE_MAX = 100;

function positiveInteger(text: string | null, fallback: number): number | undefined {
  if (text === null || text === "") return fallback;
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

type PageAsked = { page: number; perPage: number };

function readPage(query: URLSearchParams): PageAsked | JsonAnswer {
  const page = positiveInteger(query.get("page"), 1);
  const perPage = positiveInteger(query.get("per_page") ?? query.get("limit"), PER_PAGE_DEFAULT);
  const errors: Record<string, string[]> = {};
  if (page === undefined) errors.page = ["The page field must be at least 1."];
  if (perPage === undefined) errors.per_page = ["The per page field must be at least 1."];
  else if (perPage > PER_PAGE_MAX) errors.per_page = [`The per page field must not be greater than ${PER_PAGE_MAX}.`];
  if (page === undefined || perPage === undefined || perPage > PER_PAGE_MAX) return invalid(errors);
  return { page, perPage };
}

/** One page of the items, in the order given, each shown by `view`; 422 for an invalid page. */
export function listAnswer<Item>(
  query: URLSearchParams,
  items: readonly Item[],
  view: (item: Item) => unknown,
): JsonAnswer {
  const asked = readPage(query);
  if ("status" in asked) return asked;
  const from = (asked.page - 1) * asked.perPage;
  const shown = items.slice(from, from + asked.perPage);
  return success({
    current_page: asked.page,
    data: shown.map(view),
    from: shown.length === 0 ? null : from + 1,
    last_page: Math.max(1, Math.ceil(items.length / asked.perPage)),
    per_page: asked.perPage,
    to: shown.length === 0 ? null : from + shown.length,
    total: items.length,
  });
}

/** The other envelope, `{items, pagination}`, which agents use. */
export function itemsAnswer(query: URLSearchParams, items: readonly unknown[]): JsonAnswer {
  const asked = readPage(query);
  if ("status" in asked) return asked;
  const from = (asked.page - 1) * asked.perPage;
  return success({
    items: items.slice(from, from + asked.perPage),
    pagination: {
      current_page: asked.page,
      last_page: Math.max(1, Math.ceil(items.length / asked.perPage)),
      per_page: asked.perPage,
      total: items.length,
    },
  });
}
