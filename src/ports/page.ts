/** Pages of a list. Types only. */
/** End of a page: the exact time (Postgres' microseconds, ISO 8601) and the id of its last row. */
export type Cursor = { readonly at: string; readonly id: string };

/** `next` is null on the last page. */
export type Results<T> = { rows: T[]; next: Cursor | null };
