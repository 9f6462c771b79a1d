import { utcOf, wallTime } from "../parts/wall-time.ts";
import { useViewer } from "../viewer.ts";
import { type ListFilter, listPath, menu } from "./filter.ts";

/** Exports of the list as it is filtered, and of the present and the last month. */
export function ExportLinks({ filter }: { filter: ListFilter }) {
  const { zone, nowMs } = useViewer();
  return (
    <details class="filters export" {...menu}>
      <summary class="button quiet">Export</summary>
      <ul class="plain">
        <ExportLink name="All calls of this list" filter={filter} />
        {filter.from === undefined && filter.to === undefined
          ? monthsOf(nowMs, zone).map(({ name, from, to }) => (
              <ExportLink name={name} filter={{ ...filter, from, to }} />
            ))
          : null}
      </ul>
    </details>
  );
}

function ExportLink({ name, filter }: { name: string; filter: ListFilter }) {
  return (
    <li>
      <span class="name">{name}</span>
      <a href={listPath(filter, { format: "csv" }, "/calls/export")} download aria-label={`${name} as CSV`}>
        CSV
      </a>
      <a href={listPath(filter, { format: "jsonl" }, "/calls/export")} download aria-label={`${name} as JSON Lines`}>
        JSON Lines
      </a>
    </li>
  );
}

const monthFormat = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });

/** The present month and the one before, from midnight to midnight in the viewer's zone. */
function monthsOf(nowMs: number, zone: string): { name: string; from: string; to: string }[] {
  const [year = 1970, month = 1] = wallTime(new Date(nowMs).toISOString(), zone).split("-").map(Number);
  return [0, -1].map((back) => {
    const first = (offset: number) => new Date(Date.UTC(year, month - 1 + offset));
    const start = (offset: number) => utcOf(`${first(offset).toISOString().slice(0, 10)}T00:00`, zone);
    const name = monthFormat.format(first(back));
    return { name: back === 0 ? `${name} so far` : name, from: start(back), to: start(back + 1) };
  });
}
