/**
 * Look-ups for a reader, shared by the API and the pages. Results are masked by the reader's scopes, and an unmasked
 * reading is noted in the audit log.
 */
import { normaliseOrderNumber } from "../../domain/events/order-number.ts";
import type { CallFilter, CallLookups, CallRow } from "../../ports/lookups/calls.ts";
import type { ReadingLog } from "../../ports/lookups/entries.ts";
import type { EventFilter, EventLookups, EventRow } from "../../ports/lookups/events.ts";
import type { OrderLookups } from "../../ports/lookups/orders.ts";
import type { Searched } from "../../ports/page.ts";
import { tokensOf } from "../actors.ts";
import { readCursor, writeCursor } from "../cursor.ts";
import { actorOf, type Reader, seesAll } from "../reader.ts";
import { noteCallsRead } from "../reading-note.ts";
import { type CallView, callView } from "./call.ts";
import { type EventView, eventView, wholeEventView } from "./event.ts";
import { type EventChangesView, eventChangesView } from "./event-changes.ts";
import { answerOf, type Telling } from "./order-answer.ts";
import { type NextStepView, nextOf, type OrderStepView, orderTimeline } from "./order-timeline.ts";
import { type ReportView, reportView } from "./report.ts";
import { type TimelineView, timelineView } from "./timeline.ts";
import { type ToldView, toldViews } from "./told.ts";

/** Calls and events in the view of one order. */
const orderRowsMax = 100;

export type CallStory = {
  readonly call: CallView;
  readonly event: EventView | null;
  readonly timeline: readonly TimelineView[];
  readonly reports: readonly ReportView[];
  readonly conversation: { readonly uuid: string; readonly calls: readonly string[] } | null;
  /** Hooks that were told about the call, or are to be told, oldest first. */
  readonly told: readonly ToldView[];
};

export type OrderView = {
  readonly order_number: string;
  readonly answer: string;
  /** One item per source, because two shops may share an order number. */
  readonly sources: readonly {
    readonly source: string;
    readonly events: readonly EventView[];
    readonly calls: readonly CallView[];
  }[];
  readonly events: readonly EventView[];
  readonly calls: readonly CallView[];
  /** Everything about the order, oldest first. */
  readonly timeline: readonly OrderStepView[];
  readonly next: NextStepView | null;
  /** Whether the lists are incomplete. */
  readonly more: boolean;
};

export type PageView<T> = {
  readonly data: readonly T[];
  readonly next_cursor: string | null;
  /** Time down to which the search came, if it ended before the page was full; `next_cursor` goes on from there. */
  readonly searched_to: string | null;
};

/** The URL of a call's recording, or the reason why there is none. */
type Recording =
  | { readonly kind: "found"; readonly url: string }
  | { readonly kind: "may_not" | "no_call" | "no_recording" | "link_not_allowed" };

/** An event without a record is comparable with none. */
function areOfOneRecord(one: EventRow, other: EventRow): boolean {
  const of = ({ source, recordType, recordId }: EventRow) => JSON.stringify([source, recordType, recordId]);
  return one.recordId !== null && of(one) === of(other);
}

function pageView<Row, View>(found: Searched<Row>, view: (row: Row) => View): PageView<View> {
  return { data: found.rows.map(view), next_cursor: writeCursor(found.next), searched_to: found.searchedTo };
}

export type CallLookup = ReturnType<typeof callLookup>;

/** @param reader Its scopes decide what is masked. */
export function callLookup(lookups: CallLookups & EventLookups & OrderLookups & ReadingLog, reader: Reader) {
  const open = seesAll(reader);
  const note = async (what: string, calls: readonly CallRow[], rows = calls.length): Promise<void> => {
    const ids = calls.map(({ id }) => id);
    await noteCallsRead(lookups, reader, what, ids, rows);
  };

  const namesOf = (rows: readonly { actor: string }[]) => lookups.tokenNames(tokensOf(rows.map(({ actor }) => actor)));

  return {
    /** @returns Calls, newest first; null for an invalid cursor. */
    async calls(filter: CallFilter, limit: number, cursor: string | null): Promise<PageView<CallView> | null> {
      const after = cursor === null ? null : readCursor(cursor);
      if (cursor !== null && after === null) return null;
      const found = await lookups.calls(filter, limit, after);
      await note("calls", found.rows);
      return pageView(found, (row) => callView(row, open));
    },

    /** @returns Events, newest first; null for an invalid cursor. */
    async events(filter: EventFilter, limit: number, cursor: string | null): Promise<PageView<EventView> | null> {
      const after = cursor === null ? null : readCursor(cursor);
      if (cursor !== null && after === null) return null;
      const found = await lookups.events(filter, limit, after);
      return pageView(found, (row) => eventView(row, open));
    },

    /** One call with its event, timeline, reports and conversation. */
    async call(id: string): Promise<CallStory | null> {
      const row = await lookups.call(id);
      if (row === null) return null;
      const uuid = row.conversationUuid;
      const [event, timeline, calls, reports, told] = await Promise.all([
        lookups.event(row.eventId),
        lookups.timeline(row.id, row.eventId),
        uuid === null ? [] : lookups.conversation(uuid),
        uuid === null ? [] : lookups.reports(row),
        lookups.told([row.id]),
      ]);
      const names = await namesOf(timeline.entries);
      await note("call", [row]);
      return {
        call: callView(row, open),
        event: event === null ? null : eventView(event, open),
        timeline: timelineView(timeline, open, names),
        reports: reports.map((report) => reportView(report, open)),
        conversation: uuid === null ? null : { uuid, calls },
        told: toldViews(told),
      };
    },

    /**
     * @returns The URL of a call's recording. Each one is noted in the audit log before it is returned.
     * @param mayLink Whether an external URL from Mihu may be followed.
     */
    async recording(id: string, mayLink: (url: string) => boolean): Promise<Recording> {
      if (!open) return { kind: "may_not" };
      const row = await lookups.call(id);
      if (row === null) return { kind: "no_call" };
      const urls = [row.recordingUrl, row.recordUrl].flatMap((url) => url || []);
      const url = urls.find(mayLink);
      if (url === undefined) return { kind: urls.length === 0 ? "no_recording" : "link_not_allowed" };
      await lookups.noteRead({
        subject: "call",
        subjectId: row.id,
        action: "recording_read",
        actor: actorOf(reader),
        reason: null,
        data: {},
      });
      // The URL in the form that `mayLink` parsed. A browser could read the original text as another address.
      return { kind: "found", url: new URL(url).href };
    },

    /** One event with its body and its calls. */
    async event(id: string) {
      const row = await lookups.event(id);
      if (row === null) return null;
      const calls = await lookups.callsOfEvent(id);
      if (open) {
        const data = { what: "event" };
        await lookups.noteRead({
          subject: "event",
          subjectId: id,
          action: "read",
          actor: actorOf(reader),
          reason: null,
          data,
        });
      }
      return { ...wholeEventView(row, open), calls: calls.map((call) => callView(call, open)) };
    },

    /**
     * The fields in which an event differs from another of its record: the given one, or the one before it.
     *
     * A program chooses the record and the fields of a direct call. Comparing its own with another's would tell a reader
     * without `pii:read` whether a guessed number is right, so such a reader compares none.
     *
     * @returns Null if there is no event of this id, or no other of the same source and record; `hidden` for a direct
     *   call, without `pii:read`.
     */
    async changes(id: string, otherId: string | null): Promise<EventChangesView | null | "hidden"> {
      const event = await lookups.event(id);
      if (event === null) return null;
      if (!open && event.source === "api") return "hidden";
      const other = otherId === null ? await lookups.eventBefore(event) : await lookups.event(otherId);
      if (otherId !== null && (other === null || !areOfOneRecord(event, other))) return null;
      for (const { id: subjectId } of open ? [event, ...(other === null ? [] : [other])] : [])
        await lookups.noteRead({
          ...{ subject: "event", subjectId, action: "read", actor: actorOf(reader), reason: null },
          data: { what: "changes" },
        });
      return eventChangesView(event, other, open);
    },

    /** The calls and events of one order number. */
    async order(orderNumber: string, telling: Omit<Telling, "open">): Promise<OrderView> {
      const orderNumberKey = normaliseOrderNumber(orderNumber);
      const [foundCalls, foundEvents] = await Promise.all([
        lookups.calls({ orderNumberKey }, orderRowsMax, null),
        lookups.events({ orderNumberKey }, orderRowsMax, null),
      ]);
      const steps = await lookups.orderSteps(orderNumberKey, {
        calls: foundCalls.rows.map(({ id }) => id),
        events: foundEvents.rows.map(({ id }) => id),
        lines: [...new Set(foundCalls.rows.flatMap(({ line }) => line ?? []))],
      });
      const tokens = await namesOf([...steps.entries, ...steps.notes]);
      const rows = foundCalls.rows.length + foundEvents.rows.length + steps.notes.length;
      await note("order", foundCalls.rows, rows);
      const calls = foundCalls.rows.map((row) => callView(row, open));
      const events = foundEvents.rows.map((row) => eventView(row, open));
      const more = foundCalls.next !== null || foundEvents.next !== null || steps.more;
      const names = [...new Set([...calls, ...events].map(({ source }) => source))].sort();
      return {
        order_number: orderNumber,
        answer: answerOf(orderNumber, { calls: foundCalls.rows, events: foundEvents.rows, more }, { ...telling, open }),
        sources: names.map((source) => ({
          source,
          events: events.filter((event) => event.source === source),
          calls: calls.filter((call) => call.source === source),
        })),
        events,
        calls,
        timeline: orderTimeline({ ...steps, calls: foundCalls.rows, events: foundEvents.rows }, tokens, open),
        next: nextOf(foundCalls.rows),
        more,
      };
    },
  };
}
