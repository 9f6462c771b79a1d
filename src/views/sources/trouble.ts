import type { FetchTrouble } from "../../domain/fetch/trouble.ts";
import { iso } from "../moment.ts";

/** Facts about a source's failing API. `answer` is the HTTP status or the code of the failure. */
export function troubleView({ tries, answer, nextAt, waiting }: FetchTrouble) {
  return { tries, answer, next_at: iso(nextAt), events_waiting: waiting };
}
