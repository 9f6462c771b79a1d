import type { WholeReadiness } from "../../flows/readiness.ts";
import { type LineView, waitingCountedMax } from "../../views/lines/line.ts";
import { groupedNumber } from "../../views/numbers.ts";
import type { Reader } from "../../views/reader.ts";
import { Layout } from "../frame/layout.tsx";
import { Live } from "../frame/live.tsx";
import { Notices } from "../frame/notices.tsx";
import { Quoted } from "../parts/bits.tsx";
import { LimitMeter } from "../parts/meter.tsx";
import { NoValue, RowsTable } from "../parts/rows.tsx";
import { useViewer } from "../viewer.ts";
import { LineState } from "./line-state.tsx";

type Props = { reader: Reader; readiness: WholeReadiness; lines: readonly LineView[] };

const columns = ["Line", "State", "Last minute", "At once", "Today (UTC)", "Waiting"] as const;

/** All lines with their pace. */
export function LinesPage({ reader, readiness, lines }: Props) {
  const { nowMs } = useViewer();
  const admin = reader.scopes.includes("admin");
  return (
    <Layout title="Lines" reader={reader}>
      <Notices readiness={readiness} />
      <section aria-labelledby="lines">
        <div class="title-row">
          <h1 id="lines">Lines</h1>
          {admin ? <Actions lines={lines} /> : null}
        </div>
        <p class="lead">A line is an agent at Mihu with its pace, its countries and its calling hours.</p>
        {lines.length === 0 ? (
          <div class="empty">
            <p>There is no line yet. A rule needs one to call.</p>
            {admin ? (
              <p>
                Make one with “New line”, or write it into <code>hookline.yaml</code> and apply it.
              </p>
            ) : null}
          </div>
        ) : (
          <Live id="line-list" path="/lines" label="Pace of the lines">
            <RowsTable
              label="Lines"
              columns={columns}
              rows={lines.map((line) => ({
                href: `/lines/${line.slug}`,
                cells: [
                  <Quoted text={line.slug} />,
                  <LineState line={line} nowMs={nowMs} />,
                  <LimitMeter used={line.pace.last_minute} limit={line.calls_per_minute} />,
                  <LimitMeter used={line.pace.at_once} limit={line.calls_at_once} />,
                  <LimitMeter used={line.calls_today} limit={line.calls_per_day} />,
                  <Waiting line={line} />,
                ],
              }))}
            />
          </Live>
        )}
      </section>
    </Layout>
  );
}

function Actions({ lines }: { lines: readonly LineView[] }) {
  const together = lines.some(({ paused }) => paused?.reason === "all_paused");
  return (
    <p class="acts">
      <a class="button quiet" href="/all-lines/new">
        New line
      </a>
      {lines.some(({ paused }) => paused === null) ? (
        <a class="button quiet" href="/all-lines/pause">
          Pause all
        </a>
      ) : null}
      {together ? (
        <a class="button quiet" href="/all-lines/resume">
          Resume all
        </a>
      ) : null}
    </p>
  );
}

/** Calls that wait for a line, with a link to them. */
function Waiting({ line: { slug, pace } }: { line: LineView }) {
  if (pace.waiting === 0) return <NoValue />;
  const more = pace.waiting >= waitingCountedMax;
  return (
    <a class="above-row" href={`/calls?line=${slug}&status=queued`}>
      {more ? `${groupedNumber(waitingCountedMax)} or more` : groupedNumber(pace.waiting)}
      <span class="unseen"> waiting calls</span>
    </a>
  );
}
