import type { WholeReadiness } from "../../flows/readiness.ts";
import { type LineView, waitingCountedMax } from "../../views/lines/line.ts";
import { groupedNumber } from "../../views/numbers.ts";
import type { Reader } from "../../views/reader.ts";
import { Trail } from "../forms/act.tsx";
import { Layout } from "../frame/layout.tsx";
import { Live } from "../frame/live.tsx";
import { Notices } from "../frame/notices.tsx";
import { Quoted, Sentence, Time, Waits } from "../parts/bits.tsx";
import { LimitMeter } from "../parts/meter.tsx";
import { useViewer } from "../viewer.ts";
import { countryNames } from "./countries.ts";
import { LineState } from "./line-state.tsx";
import { RuleLinks } from "./rule-links.tsx";
import { Week } from "./week.tsx";

type Props = { reader: Reader; readiness: WholeReadiness; line: LineView; zone: string; zones: readonly string[] };

/** One line: its state and pace, its hours, and its settings. */
export function LinePage({ reader, readiness, line, zone, zones }: Props) {
  const { nowMs } = useViewer();
  return (
    <Layout title={`Line ${line.slug}`} reader={reader}>
      <Trail path="/lines" name="Lines" />
      <Notices readiness={readiness} except={line.slug} />
      <section class="headline" aria-labelledby="line">
        <div class="title-row">
          <h1 id="line">
            <Quoted text={line.slug} />
          </h1>
          {reader.scopes.includes("admin") ? <Actions line={line} /> : null}
        </div>
      </section>
      <Live id="line-now" path={`/lines/${line.slug}`} label="State and pace">
        <p>
          <LineState line={line} nowMs={nowMs} />
        </p>
        <Why line={line} nowMs={nowMs} />
        <Pace line={line} />
      </Live>
      <div class="columns">
        <section class="said" aria-labelledby="hours">
          <h2 id="hours">Calling hours</h2>
          <Week line={line} zone={zone} zones={zones} />
        </section>
        <Facts line={line} />
        <section class="way" aria-label="Notes and rules">
          <Notes warnings={line.warnings} />
          <Rules rules={line.rules} />
        </section>
      </div>
    </Layout>
  );
}

function Actions({ line: { slug, paused } }: { line: LineView }) {
  const path = `/lines/${slug}`;
  return (
    <p class="acts">
      {paused === null ? (
        <a class="button quiet" href={`${path}/pause`}>
          Pause
        </a>
      ) : (
        <a class="button quiet" href={`${path}/resume`}>
          Resume
        </a>
      )}
      <a class="button quiet" href={`${path}/settings`}>
        Settings
      </a>
      <a class="button quiet" href={`${path}/connect`}>
        Connect to Mihu
      </a>
      <a class="button quiet" href={`${path}/remove`}>
        Remove
      </a>
    </p>
  );
}

/** The reason why the line dials nothing now. */
function Why({ line: { paused, not_before }, nowMs }: { line: LineView; nowMs: number }) {
  if (paused !== null)
    return (
      <p class="why">
        <Waits waits={{ ...paused, until: null }} />
      </p>
    );
  if (not_before === null || Date.parse(not_before) <= nowMs) return null;
  return (
    <p class="why">
      Mihu or Postgres asked it to slow down. It goes on at <Time at={not_before} />.
    </p>
  );
}

function Pace({ line }: { line: LineView }) {
  const { pace } = line;
  const more = pace.waiting >= waitingCountedMax;
  return (
    <dl class="figures">
      <div>
        <dt>Calls in the last minute</dt>
        <dd>
          <LimitMeter used={pace.last_minute} limit={line.calls_per_minute} />
        </dd>
      </div>
      <div>
        <dt>Calls at once</dt>
        <dd>
          <LimitMeter used={pace.at_once} limit={line.calls_at_once} />
        </dd>
      </div>
      <div>
        <dt>Calls today (UTC)</dt>
        <dd>
          <LimitMeter used={line.calls_today} limit={line.calls_per_day} />
        </dd>
      </div>
      <div>
        <dt>Calls that wait</dt>
        <dd>
          <a class="figure" href={`/calls?line=${line.slug}&status=queued`}>
            {more ? `${groupedNumber(waitingCountedMax)} or more` : groupedNumber(pace.waiting)}
          </a>
        </dd>
      </div>
    </dl>
  );
}

function Notes({ warnings }: { warnings: readonly string[] }) {
  if (warnings.length === 0) return null;
  return (
    <>
      <h2>Notes</h2>
      <ul class="plain">
        {warnings.map((text) => (
          <li>
            <Sentence text={text} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Rules({ rules }: { rules: readonly string[] }) {
  return (
    <>
      <h2>Rules that call by it</h2>
      {rules.length === 0 ? (
        <p>No rule names this line, so only calls by hand and by the API use it.</p>
      ) : (
        <RuleLinks rules={rules} />
      )}
    </>
  );
}

function Facts({ line }: { line: LineView }) {
  return (
    <aside class="facts" aria-label="Settings">
      <dl>
        <div>
          <dt>Countries</dt>
          <dd>
            {line.countries === null ? "the source's own country" : countryNames(line.countries).join(", ") || "none"}
          </dd>
        </div>
        <div>
          <dt>Outcomes</dt>
          <dd>{line.has_webhook ? "Mihu sends them" : "Hookline asks Mihu for them"}</dd>
        </div>
        <div>
          <dt>Agent</dt>
          <dd>
            <code>
              <Quoted text={line.agent} />
            </code>
          </dd>
        </div>
        <div>
          <dt>Made</dt>
          <dd>
            <Time at={line.created_at} precision="minutes" />
          </dd>
        </div>
        <div>
          <dt>Changed</dt>
          <dd>
            <Time at={line.updated_at} precision="minutes" />
          </dd>
        </div>
      </dl>
    </aside>
  );
}
