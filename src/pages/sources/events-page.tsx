import type { EventView } from "../../views/calls/event.ts";
import type { Reader } from "../../views/reader.ts";
import { DayFilter } from "../forms/day-filter.tsx";
import { Layout } from "../frame/layout.tsx";
import { Live } from "../frame/live.tsx";
import { ExportNote } from "../parts/rows.tsx";
import { SourceTrail } from "../parts/source-trail.tsx";
import { EventRows } from "./events-table.tsx";

/** Filters in the address. */
export type EventsAsked = {
  readonly type: string;
  readonly state: string;
  readonly reason: string;
  readonly from: string;
  readonly to: string;
};

const states = [
  ["", "Any"],
  ["unplanned", "Not decided yet"],
  ["planned", "Decided by the rules"],
  ["ignored", "Makes no call"],
] as const;

type Props = {
  reader: Reader;
  slug: string;
  events: readonly EventView[];
  asked: EventsAsked;
  /** Address of this page, of the next page and of the first one. */
  here: string;
  next: string | null;
  first: string | null;
  query: string;
  problem: string | null;
};

/** A source's events, newest first, with filters in the address. */
export function EventsPage({ reader, slug, events, asked, here, next, first, query, problem }: Props) {
  const path = `/sources/${encodeURIComponent(slug)}`;
  return (
    <Layout title={`Events of ${slug}`} reader={reader}>
      <SourceTrail slug={slug} />
      <h1>Events</h1>
      <DayFilter asked={asked} problem={problem}>
        <p>
          <label for="type">Type</label>
          <input id="type" name="type" value={asked.type} autocomplete="off" />
        </p>
        <p>
          <label for="state">State</label>
          <select id="state" name="state">
            {states.map(([value, name]) => (
              <option value={value} {...(asked.state === value ? { selected: true } : {})}>
                {name}
              </option>
            ))}
          </select>
        </p>
        <p>
          <label for="reason">Reason</label>
          <input id="reason" name="reason" value={asked.reason} autocomplete="off" />
        </p>
      </DayFilter>
      <Live id="events" path={here} label="Events">
        {events.length === 0 ? (
          <p class="empty">{query === "" ? "No event has arrived yet." : "No event matches."}</p>
        ) : (
          <EventRows events={events} />
        )}
      </Live>
      <div class="pager">
        {first === null ? <span /> : <a href={first}>Newest</a>}
        {next === null ? null : <a href={next}>Older</a>}
      </div>
      {events.length === 0 ? null : <ExportNote path={`${path}/events/export`} query={query} />}
    </Layout>
  );
}
