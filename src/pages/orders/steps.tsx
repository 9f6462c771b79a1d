import { apiSource } from "../../domain/plan/direct-call.ts";
import type { OrderStepView } from "../../views/calls/order-timeline.ts";
import { durationText } from "../../views/times.ts";
import { Quoted, RuleLink, Sentence } from "../parts/bits.tsx";
import { Moment } from "../parts/moment.tsx";

/** Gaps from which on a wait is worth a word. */
const gapSecondsMin = 60;

/** Kinds of steps in words, for the column beside the time. */
const kindWords: Readonly<Record<OrderStepView["kind"], string>> = {
  event: "Event",
  plan: "Decision",
  gate: "Gate",
  call: "Call",
  report: "Outcome",
  person: "Person",
  told: "Told",
  note: "Note",
};

type Props = { steps: readonly OrderStepView[]; newestFirst: boolean; manySources: boolean };

/** Everything about an order, one row a step. Gates of one moment stand together in a disclosure. */
export function StepList({ steps, newestFirst, manySources }: Props) {
  const rows = grouped(steps);
  return (
    <ol class="order-steps">
      {(newestFirst ? rows.toReversed() : rows).map((group) => (
        <>
          {!newestFirst ? <Gap step={group[0]} /> : null}
          <Row group={group} manySources={manySources} />
          {newestFirst ? <Gap step={group[0]} /> : null}
        </>
      ))}
    </ol>
  );
}

/** @returns Steps one by one, but for gates in a row that let the same call pass. A gate that stops a call stands alone. */
function grouped(steps: readonly OrderStepView[]): (readonly [OrderStepView, ...OrderStepView[]])[] {
  const groups: [OrderStepView, ...OrderStepView[]][] = [];
  for (const step of steps) {
    const last = groups.at(-1);
    const follows = last?.[0].verdict === "pass" && step.verdict === "pass" && last[0].call_id === step.call_id;
    if (last !== undefined && follows) last.push(step);
    else groups.push([step]);
  }
  return groups;
}

/** The wait before a step. */
function Gap({ step }: { step: OrderStepView }) {
  const { gap_s, gap_reason } = step;
  if (gap_s === null || gap_s < gapSecondsMin) return null;
  return (
    <li class="gap">
      {gap_reason === null ? `${durationText(gap_s)} later` : `waited ${durationText(gap_s)}: ${gap_reason}`}
    </li>
  );
}

function Row({ group, manySources }: { group: readonly [OrderStepView, ...OrderStepView[]]; manySources: boolean }) {
  const [step] = group;
  return (
    <li class={`step-row ${step.kind}${step.provisional ? " provisional" : ""}`}>
      <span class="at">
        <Moment at={step.at} />
      </span>
      <span class="kind">{kindWords[step.kind]}</span>
      <div class="what">
        {group.length > 1 ? <Gates steps={group} /> : <What step={step} />}
        {step.provisional ? <span class="tag">may still change</span> : null}
        {manySources && step.source !== "" && step.source !== apiSource ? (
          <span class="by">
            · <Quoted text={step.source} />
          </span>
        ) : null}
      </div>
    </li>
  );
}

function What({ step }: { step: OrderStepView }) {
  const href =
    step.call_id !== null ? `/calls/${step.call_id}` : step.event_id === null ? null : `/events/${step.event_id}`;
  const isLink = href !== null && step.kind !== "gate";
  const words = <Sentence text={step.sentence} inLink={isLink} />;
  return (
    <>
      {isLink ? <a href={href}>{words}</a> : words}
      {step.verdict === null ? null : <OfRule step={step} />}
      {step.by === null ? null : (
        <span class="by">
          by <Quoted text={step.by} />
        </span>
      )}
      {step.quote === null ? null : (
        <blockquote class="quote" dir="auto">
          <Quoted text={step.quote} />
        </blockquote>
      )}
    </>
  );
}

function Gates({ steps }: { steps: readonly [OrderStepView, ...OrderStepView[]] }) {
  return (
    <>
      <details>
        <summary>{steps.length} gates let it pass</summary>
        <ul>
          {steps.map(({ sentence }) => (
            <li>
              <Sentence text={sentence} />
            </li>
          ))}
        </ul>
      </details>
      <OfRule step={steps[0]} />
    </>
  );
}

function OfRule({ step }: { step: OrderStepView }) {
  return step.rule === null ? null : <RuleLink source={step.source} rule={step.rule} lead="for the rule" />;
}
