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

export function toldView(row: ToldRow): ToldView {
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

/** @returns A sentence without its full stop. A hook is named by its host: its address may hold a secret. */
export function toldSentence({ targetUrl, type, state, tries }: ToldRow): string {
  const host = URL.parse(targetUrl)?.host ?? "a hook";
  const count = `${tries} ${tries === 1 ? "try" : "tries"}`;
  switch (state) {
    case "delivered":
      return `${host} was told ${type}${tries > 1 ? `, after ${count}` : ""}`;
    case "pending":
      return `${host} is to be told ${type}${tries === 0 ? "" : `; ${count} failed`}`;
    case "given_up":
      return `${host} was not told ${type}: ${count} failed`;
    case "missed":
      return `${host} was not told ${type}: its hook was disabled`;
  }
}
