import type { ReviewItemView } from "../../views/people/review.ts";
import { type ApiReply, askApi, type PageContext } from "../page.ts";

/** `GET /v1/review`. */
export type ReviewQueue = {
  readonly data: readonly ReviewItemView[];
  readonly overdue_after_s: number;
  readonly next_cursor: string | null;
};

const names = ["status", "reason", "owner"] as const;
export type QueueFilter = Readonly<Partial<Record<(typeof names)[number], string>>>;

/** Calls on one page, and the most that are decided at once. */
export const decidedAtOnceMax = 50;

export function queueFilter(query: URLSearchParams): QueueFilter {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = (query.get(name) ?? "").trim();
      return value === "" ? [] : [[name, value]];
    }),
  );
}

/** @returns The address of the queue with this filter. */
export function queuePath(filter: QueueFilter, cursor: string | null = null): string {
  const query = new URLSearchParams({ ...filter, ...(cursor === null ? {} : { cursor }) }).toString();
  return query === "" ? "/review" : `/review?${query}`;
}

export async function askQueue(
  c: PageContext,
  filter: QueueFilter,
  cursor: string | null,
): Promise<ApiReply<ReviewQueue>> {
  const more = { limit: String(decidedAtOnceMax), ...(cursor === null ? {} : { cursor }) };
  const query = new URLSearchParams({ ...filter, ...more }).toString();
  return await askApi<ReviewQueue>(c, { method: "GET", path: `/v1/review?${query}` });
}
