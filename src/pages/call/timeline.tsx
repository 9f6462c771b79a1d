import type { PropsWithChildren } from "hono/jsx";
import { readings } from "../../domain/audit/receipt.ts";
import { readingsShownMax } from "../../domain/limits.ts";
import { entryText, verdictText } from "../../views/calls/step-words.ts";
import type { EntryView, TimelineView, VerdictView } from "../../views/calls/timeline.ts";
import { EvidenceList, Quoted, Reason, Time } from "../parts/bits.tsx";

/** An entry about a reader. */
type ReadingView = EntryView & { readonly action: (typeof readings)[number] };

/** All entries and verdicts, oldest first. Readings of the call are listed apart, because they do not change it. */
export function Timeline({ moments }: { moments: readonly TimelineView[] }) {
  const readingsOf = moments.filter(isReading);
  const steps = moments.filter((moment) => moment.kind === "verdict" || !isReading(moment));
  if (moments.length === 0) return <p class="note">This call has no entries.</p>;
  return (
    <>
      <ol class="timeline">
        {steps.map((moment) => (
          <li class={moment.kind === "entry" ? "entry" : `verdict ${moment.verdict}`}>
            {moment.kind === "entry" ? <Entry entry={moment} /> : <Verdict verdict={moment} />}
          </li>
        ))}
      </ol>
      {readingsOf.length === 0 ? null : <Readings readings={readingsOf} />}
    </>
  );
}

function Entry({ entry }: { entry: EntryView }) {
  return (
    <>
      <p class="step">
        <strong>{entryText(entry)}</strong>
        {entry.reason === null ? null : (
          <span class="reason">
            <Reason code={entry.reason} />
          </span>
        )}
      </p>
      <By data={entry.data}>
        <Time at={entry.at} precision="seconds" />, by <Quoted text={entry.by} />
      </By>
    </>
  );
}

function Verdict({ verdict }: { verdict: VerdictView }) {
  const { asks, answer } = verdictText(verdict);
  return (
    <>
      <p class="step">
        {asks} <strong>{answer}</strong>
      </p>
      <By data={verdict.inputs}>
        <Time at={verdict.at} precision="seconds" />
      </By>
    </>
  );
}

/** Time and actor of a step, with its evidence in a disclosure below. */
function By({ data, children }: PropsWithChildren<{ data: Readonly<Record<string, unknown>> }>) {
  if (Object.values(data).every((value) => value === null || value === undefined)) return <p class="by">{children}</p>;
  return (
    <details>
      <summary class="by">{children}</summary>
      <EvidenceList data={data} />
    </details>
  );
}

function Readings({ readings }: { readings: readonly EntryView[] }) {
  return (
    <details class="readings">
      <summary>{timesRead(readings.length)}</summary>
      <ul>
        {readings.map(({ at, by, action }) => (
          <li>
            <Time at={at} precision="seconds" />, by <Quoted text={by} />
            {readWhat[action] ?? null}
          </li>
        ))}
      </ul>
    </details>
  );
}

const readWhat: Readonly<Record<string, string>> = {
  recording_read: ": the recording",
  listened: ": live",
  transcript_read: ": the transcript",
};

function timesRead(count: number): string {
  if (count === 1) return "Read in full once";
  return `Read in full ${count} times${count === readingsShownMax ? " or more" : ""}`;
}

function isReading(moment: TimelineView): moment is ReadingView {
  return moment.kind === "entry" && readings.some((action) => action === moment.action);
}
