/** The filter of a list that can be narrowed to days. Days are those of the reader's zone. */
import type { PropsWithChildren } from "hono/jsx";
import { dayMs } from "../../domain/limits.ts";
import { Sentence } from "../parts/bits.tsx";
import { sentTime } from "../parts/wall-time.ts";

type Props = PropsWithChildren<{
  asked: { readonly from: string; readonly to: string };
  /** Mistake of the filter in words; null: it has none. */
  problem: string | null;
}>;

/** The form, with the list's own fields before the days, and the mistake below it. */
export function DayFilter({ asked, problem, children }: Props) {
  return (
    <>
      <form method="get" class="filter" aria-label="Filter">
        {children}
        <p>
          <label for="from">From</label>
          <input id="from" type="date" name="from" value={asked.from} />
        </p>
        <p>
          <label for="to">Until</label>
          <input id="to" type="date" name="to" value={asked.to} />
        </p>
        <button type="submit" class="quiet">
          Filter
        </button>
      </form>
      {problem === null ? null : (
        <p class="refused" role="alert">
          <Sentence text={problem} />
        </p>
      )}
    </>
  );
}

/**
 * @param zone IANA name of the reader's zone.
 * @returns The query for the API, whose `to` is exclusive: the last day is whole. Anything but a day stays, for the API to refuse.
 */
export function wholeDays(query: URLSearchParams, zone: string): URLSearchParams {
  const whole = new URLSearchParams(query);
  const [from, to] = [dayOf(query.get("from")), dayOf(query.get("to"))];
  if (from !== null) whole.set("from", midnightOf(from, zone));
  if (to !== null) whole.set("to", midnightOf(to + dayMs, zone));
  return whole;
}

/** @param day Midnight of the day in UTC. It stays one in UTC outside the years of a field for a time. */
function midnightOf(day: number, zone: string): string {
  const iso = new Date(day).toISOString();
  const wall = iso.slice(0, 19);
  const sent = sentTime(wall, zone);
  return sent === wall ? iso : sent;
}

/** @returns Midnight of a day, in epoch milliseconds; null for any other text, the 31st of February among them. */
function dayOf(text: string | null): number | null {
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) === text ? ms : null;
}
