/** Calling hours on a week, by the clock of the person who is called. */
import { dayMs } from "../../domain/limits.ts";
import { type OpenHours, openWindow, parseHours } from "../../domain/people/calling-hours.ts";
import { clockOf, stretchAt } from "../../domain/people/zone-clock.ts";
import type { LineView } from "../../views/lines/line.ts";
import { timeText } from "../../views/times.ts";
import { useViewer } from "../viewer.ts";

const dayMinutes = 1_440;
const weekDays = 7;
/** Closed dates that are listed. A line may have 400. */
const closedShownMax = 12;

type Props = { line: LineView; zone: string; zones: readonly string[] };

/** @param zones Zones that can be chosen. */
export function Week({ line, zone, zones }: Props) {
  const { nowMs } = useViewer();
  const parsed = line.hours === null ? null : parseHours(line.hours);
  if (parsed === null) return <p>This line has no calling hours: it calls by day and by night.</p>;
  if (!parsed.ok) return <p>The stored hours cannot be read: they {parsed.reason}.</p>;
  const { hours } = parsed;
  const localMs = localOf(zone, nowMs);
  const today = Math.floor(localMs / dayMs);
  const minute = Math.floor((localMs - today * dayMs) / 60_000);
  const days = Array.from({ length: weekDays }, (_, index) => today + index);
  const later = hours.closed.filter((day) => day >= today + weekDays);
  return (
    <>
      <Now hours={hours} zone={zone} nowMs={nowMs} />
      <table class="week" aria-label="Calling hours of the next seven days">
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col">Hours</th>
            <th scope="col">
              <span class="unseen">As a bar from 0 to 24 h</span>
              <span class="axis" aria-hidden="true">
                {[0, 6, 12, 18, 24].map((hour) => (
                  <span>{hour}</span>
                ))}
              </span>
            </th>
          </tr>
        </thead>
        <tbody>
          {days.map((day, index) => (
            <DayRow hours={hours} day={day} minute={index === 0 ? minute : null} />
          ))}
        </tbody>
      </table>
      {later.length === 0 ? null : (
        <p class="note">
          Also closed on {later.slice(0, closedShownMax).map(dateText).join(", ")}
          {later.length > closedShownMax ? ` and ${later.length - closedShownMax} more days` : ""}.
        </p>
      )}
      <form class="inline-form" method="get">
        <label for="zone">The clock of a customer in</label>
        <select id="zone" name="zone">
          {zones.map((name) => (
            <option value={name} {...(name === zone ? { selected: true } : {})}>
              {name.replaceAll("_", " ")}
            </option>
          ))}
        </select>
        <button type="submit" class="quiet">
          Show
        </button>
      </form>
    </>
  );
}

function Now({ hours, zone, nowMs }: { hours: OpenHours; zone: string; nowMs: number }) {
  const place = zone.replaceAll("_", " ");
  const open = openWindow(hours, [zone], nowMs);
  if (open === null) return <p>In {place} no day of the next year is open: no call begins there.</p>;
  if (open.opensAtMs > nowMs)
    return (
      <p>
        In {place} it is closed now. It opens <There atMs={open.opensAtMs} zone={zone} />, by the clock there.
      </p>
    );
  if (!Number.isFinite(open.closesAtMs)) return <p>In {place} it is always open.</p>;
  return (
    <p>
      In {place} it is open now, until <There atMs={open.closesAtMs} zone={zone} />, by the clock there.
    </p>
  );
}

/** A time by the clock of the zone that is shown, as in the table. Pointing at it shows the same in UTC. */
function There({ atMs, zone }: { atMs: number; zone: string }) {
  const at = new Date(atMs).toISOString();
  return (
    <time datetime={at} title={timeText(at, "minutes")}>
      {timeText(at, "minutes", zone)}
    </time>
  );
}

/** @param minute Minute of the day now; null for another day. */
function DayRow({ hours, day, minute }: { hours: OpenHours; day: number; minute: number | null }) {
  const closed = hours.closed.includes(day);
  const open = !closed && (hours.days & (1 << ((day + 3) % weekDays))) !== 0;
  const text = closed
    ? "closed that day"
    : open
      ? `${clockText(hours.fromMinute)} – ${clockText(hours.toMinute)}`
      : "closed";
  return (
    <tr class={open ? "" : "shut"}>
      <th scope="row">
        {dateText(day)}
        {minute === null ? null : <span class="today"> today</span>}
      </th>
      <td>{text}</td>
      <td>
        <svg viewBox={`0 0 ${dayMinutes} 100`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
          <rect class="track" width={dayMinutes} height="100" />
          {open ? (
            <rect class="fill" x={hours.fromMinute} width={hours.toMinute - hours.fromMinute} height="100" />
          ) : null}
          {[360, 720, 1_080].map((at) => (
            <rect class="tick" x={at} width="3" height="100" />
          ))}
          {minute === null ? null : <rect class="now" x={minute} width="10" height="100" />}
        </svg>
      </td>
    </tr>
  );
}

function clockText(minute: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

const dayFormat = new Intl.DateTimeFormat("en-GB", {
  timeZone: "UTC",
  weekday: "short",
  day: "numeric",
  month: "short",
});

/** @param day Days since 1970. */
function dateText(day: number): string {
  return dayFormat.format(day * dayMs).replace(",", "");
}

/** @returns The local time of a zone as if it were UTC. */
function localOf(zone: string, nowMs: number): number {
  const clock = clockOf(zone);
  return clock === null ? nowMs : nowMs + stretchAt(clock, nowMs).offsetMs;
}
