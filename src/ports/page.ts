/** Pages of a list. Types only. */
/** End of a page: the exact time (Postgres' microseconds, ISO 8601) and the id of its last row. */
export type Cursor = { readonly at: string; readonly id: string };

/** `next` is null on the last page. */
export type Results<T> = { rows: T[]; next: Cursor | null };

/**
 * One page of a list whose filter has no index of its own. `searchedTo`: time down to which the search came before its
 * bound; `next` goes on from there. Null: the page is full, or everything was searched.
 */
export type Searched<T> = Results<T> & { readonly searchedTo: string | null };
