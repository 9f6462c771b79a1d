import type { WholeReadiness } from "../../flows/readiness.ts";
import type { LineView } from "../../views/lines/line.ts";
import type { Reader } from "../../views/reader.ts";
import type { StatisticsView } from "../../views/statistics.ts";
import { Layout } from "../frame/layout.tsx";
import { Live } from "../frame/live.tsx";
import { AllNotices } from "../frame/notices.tsx";
import { Time } from "../parts/bits.tsx";
import { Charts } from "./chart.tsx";
import { Checks, type HeadsRead, type TasksRead } from "./checks.tsx";
import { figuresOfBuckets } from "./figures.ts";

type Props = {
  reader: Reader;
  readiness: WholeReadiness;
  lines: readonly LineView[];
  heads: HeadsRead;
  tasks: TasksRead | null;
  /** Figures of the last day and of the last month. */
  day: StatisticsView | null;
  month: StatisticsView | null;
};

/** The state of the whole service, and its figures. */
export function HealthPage({ reader, readiness, lines, heads, tasks, day, month }: Props) {
  const completeTo = (day ?? month)?.complete_to ?? null;
  return (
    <Layout title="Health" reader={reader}>
      <Live id="health" path="/health" label="State of the service">
        <h1>{headline(readiness)}</h1>
        <AllNotices readiness={readiness} />
        <Checks readiness={readiness} lines={lines} heads={heads} tasks={tasks} scopes={reader.scopes} />
      </Live>
      {day === null ? null : <Charts id="day" title="The last day" by="hour" figures={figuresOfBuckets(day.data)} />}
      {month === null ? null : (
        <Charts id="month" title="The last month" by="day" figures={figuresOfBuckets(month.data)} />
      )}
      {completeTo === null ? null : (
        <p class="note">
          Entries after <Time at={completeTo} /> are still being counted.
        </p>
      )}
      {month === null || month.complete_from === null ? null : (
        <p class="note">Older entries are still being counted, the newest first.</p>
      )}
    </Layout>
  );
}

function headline({ problems, pausedLines, missingMigrations }: WholeReadiness): string {
  const count = problems.length + pausedLines.length + (missingMigrations.length === 0 ? 0 : 1);
  if (count === 0) return "All is well";
  return count === 1 ? "One thing needs a look" : `${count} things need a look`;
}
