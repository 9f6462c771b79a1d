import type { EntryRow } from "../../ports/lookups/entries.ts";
import { actorName, type TokenNames } from "../actors.ts";
import { iso } from "../moment.ts";

/** A reading of unmasked data. */
export function readingView({ id, at, subject, subjectId, action, actor, data: about }: EntryRow, names: TokenNames) {
  return {
    id,
    at: iso(at),
    reader: actorName(actor, names),
    actor,
    action,
    what: typeof about.what === "string" ? about.what : subject,
    rows: typeof about.rows === "number" ? about.rows : 1,
    call_id: subject === "call" ? subjectId : null,
    event_id: subject === "event" ? subjectId : null,
  };
}
