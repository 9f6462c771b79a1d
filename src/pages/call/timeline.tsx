import type { PropsWithChildren } from "hono/jsx";
import { readings } from "../../domain/audit/receipt.ts";
import { readingsShownMax } from "../../domain/limits.ts";
import type { CallView } from "../../views/calls/call.ts";
import { entryText, verdictText } from "../../views/calls/step-words.ts";
import type { EntryView, TimelineView, VerdictView } from "../../views/calls/timeline.ts";
import { Quoted, Reason, RuleLink } from "../parts/bits.tsx";
import { EvidenceList, shownEvidence } from "../parts/evidence.tsx";
import { Moment } from "../parts/moment.tsx";

/** An entry about a reader. */
type ReadingView = EntryView & { readonly action: (typeof readings)[number] };

/** The maker of the call, which the gates were asked for. */
type MadeBy = Pick<CallView, "source" | "rule">;

/** All entries and verdicts, oldest first. Readings of the call are listed apart, because they do not change it. */
export function Timeline({ moments, call }: { moments: readonly TimelineView[]; call: MadeBy }) {
  const readingsOf = moments.filter(isReading);
  const steps = moments.filter((moment) => moment.kind === "verdict" || !isReading(moment));
  if (moments.length === 0) return <p class="note">This call has no entries.</p>;
  return (
    <>
      <ol class="timeline">
        {grouped(steps).map((group) => (
          <Group group={group} call={call} />
        ))}
      </ol>
      {readingsOf.length === 0 ? null : <Readings readings={readingsOf} />}
    </>
  );
}

/** Steps in a row: gates that let the call pass stand together, every other step alone. */
function grouped(steps: readonly TimelineView[]): TimelineView[][] {
  const groups: TimelineView[][] = [];
  for (const step of steps) {
    const last = groups.at(-1);
    if (last?.every(isPass) && isPass(step)) last.push(step);
    else groups.push([step]);
  }
  return groups;
}

function isPass(step: TimelineView): boolean {
  return step.kind === "verdict" && step.verdict === "pass";
}

function Group({ group, call }: { group: readonly TimelineView[]; call: MadeBy }) {
  const [first] = group;
  if (first === undefined) return null;
  if (group.length === 1)
    return (
      <li class={first.kind === "entry" ? "entry" : `verdict ${first.verdict}`}>
        <Step step={first} />
        {first.kind === "verdict" ? <RuleLink source={call.source} rule={call.rule} lead="Asked for the rule" /> : null}
      </li>
    );
  return (
    <li class="verdict pass">
      <details class="gates">
        <summary>{group.length} gates let it pass</summary>
        <RuleLink source={call.source} rule={call.rule} lead="Asked for the rule" />
        <ul>
          {group.map((step) => (
            <li>
              <Step step={step} />
            </li>
          ))}
        </ul>
      </details>
    </li>
  );
}

function Step({ step }: { step: TimelineView }) {
  return step.kind === "entry" ? <Entry entry={step} /> : <Verdict verdict={step} />;
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
        <Moment at={entry.at} />, by <Quoted text={entry.by} />
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
        <Moment at={verdict.at} />
      </By>
    </>
  );
}

/** Time and actor of a step, with its evidence in a disclosure below. */
function By({ data, children }: PropsWithChildren<{ data: Readonly<Record<string, unknown>> }>) {
  if (shownEvidence(data).length === 0) return <p class="by">{children}</p>;
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
            <Moment at={at} />, by <Quoted text={by} />
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
