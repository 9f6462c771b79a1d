/** Hooks that were told about a call, or are to be told. */
import type { ToldRow } from "../../ports/lookups/orders.ts";
import { iso } from "../moment.ts";

/** One delivery. Times are ISO 8601 in UTC. */
export type ToldView = {
  readonly delivery_id: string;
  readonly hook_id: string;
  readonly type: string;
  readonly state: ToldRow["state"];
  readonly tries: number;
  /** When it ended; until then when it was made. */
  readonly at: string;
  readonly sentence: string;
};

function toldView(row: ToldRow): ToldView {
  const { id, hook, type, state, tries, doneAt, at } = row;
  return {
    delivery_id: id,
    hook_id: hook,
    type,
    state,
    tries,
    at: iso(doneAt ?? at),
    sentence: `${toldSentence(row)}.`,
  };
}

/** @returns The deliveries in the order of {@link ToldView.at}. */
export function toldViews(rows: readonly ToldRow[]): ToldView[] {
  return rows.map(toldView).sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

/** @returns A sentence without its full stop. A hook is named by its owner and host: several may share a host. */
export function toldSentence({ owner, host, type, state, tries }: ToldRow): string {
  const hook = `${host} (hook of ${owner})`;
  const count = `${tries} ${tries === 1 ? "try" : "tries"}`;
  switch (state) {
    case "delivered":
      return `${hook} was told ${type}${tries > 1 ? `, after ${count}` : ""}`;
    case "pending":
      return `${hook} is to be told ${type}${tries === 0 ? "" : `; ${count} failed`}`;
    case "given_up":
      return `${hook} was not told ${type}: ${count} failed`;
    case "missed":
      return `${hook} was not told ${type}: its hook was disabled`;
  }
}
