import type { ApiProblem } from "../page.ts";
import { labelOf, withStop } from "../page-words.ts";
import { Quoted, Sentence, Time } from "../parts/bits.tsx";
import { visible } from "../parts/visible.ts";
import { useViewer } from "../viewer.ts";
import type { Previewed } from "./rule-api.ts";
import { mistakesByField } from "./rule-fields.ts";

type Seen = NonNullable<Previewed["seen"]>;
type RuleSeen = Seen["rules"][number];

/** A call that is due within a minute is shown as due now. */
const nowishMs = 60_000;

/** The decisions of an unsaved rule about the newest events; or the reason why it cannot decide. */
export type PreviewState = { readonly previews: readonly Previewed[]; readonly refused: ApiProblem | null };

type Props = PreviewState & {
  /** Address of the editor, which answers with {@link PreviewList}. */
  path: string;
};

/**
 * The preview of an unsaved rule. With a script it follows the form: the form is sent a second after the last change.
 * The list has a height of its own, so that nothing on the page moves.
 */
export function Previews({ path, ...state }: Props) {
  return (
    <section aria-labelledby="preview" class="previews">
      <div class="title-row">
        <h2 id="preview">Preview</h2>
        <p class="live-state" role="status">
          <span class="live-word" />
        </p>
      </div>
      <section
        class="follows"
        id="previews"
        tabindex={0}
        aria-label="Decisions about the newest events"
        hx-post={path}
        hx-trigger="input delay:1s from:#rule-form"
        hx-include="#rule-form"
        hx-vals='{"act":"preview"}'
        hx-swap="innerHTML"
      >
        <PreviewList {...state} />
      </section>
    </section>
  );
}

/** The part of a preview that follows the form. */
export function PreviewList({ previews, refused }: PreviewState) {
  return (
    <>
      <p class="note">The newest events, as if the rule were live. Nothing is saved, and nobody is called.</p>
      {refused === null ? null : <Mistakes problem={refused} />}
      {refused === null && previews.length === 0 ? (
        <p class="empty">No event to preview: none has arrived, or this token lacks the scope calls:read.</p>
      ) : null}
      <ul class="refusals">
        {previews.map((one) => (
          <li>
            <p class="head">
              <a href={`/events/${one.event.id}`}>
                <Quoted text={one.event.order_number ?? one.event.type} />
              </a>
              <Time at={one.event.received_at} />
            </p>
            <One {...one} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Mistakes({ problem }: { problem: ApiProblem }) {
  const mistakes = [...mistakesByField(problem.errors ?? [])];
  return (
    <div class="refused">
      <p>
        <strong>The rule cannot decide yet.</strong> {mistakes.length > 0 ? null : <Sentence text={problem.detail} />}
      </p>
      {mistakes.map(([name, reason]) => (
        <p>
          “{visible(labelOf(name))}” <Sentence text={withStop(reason)} />
        </p>
      ))}
    </div>
  );
}

function One({ event, seen, problem }: Previewed) {
  if (problem !== null)
    return (
      <p>
        <Sentence text={problem.detail} />
      </p>
    );
  if (seen === null || seen.event.unreadable !== null)
    return (
      <p>
        It cannot be read. <Quoted text={seen?.event.unreadable ?? ""} />
      </p>
    );
  const [rule] = seen.rules;
  if (rule === undefined)
    return (
      <p>
        No call: the rule is not for <Quoted text={event.type} />.
      </p>
    );
  return <Decision rule={rule} />;
}

function Decision({ rule }: { rule: RuleSeen }) {
  const { call, when, broken, numbers, texts, warnings } = rule;
  return (
    <>
      <p>
        <Verdict rule={rule} />
      </p>
      {when === null || when.part === null ? null : (
        <p class="by">
          The condition is {String(when.result)}: <code>{when.part}</code>{" "}
          {when.detail === null ? null : <Quoted text={when.detail} />}
        </p>
      )}
      {broken === null ? null : (
        <p class="by">
          <Quoted text={[broken.field, broken.path, broken.problem, broken.detail].filter(Boolean).join(", ")} />
        </p>
      )}
      {call === undefined && numbers.length === 0 && Object.keys(texts).length === 0 ? null : (
        <dl class="fields">
          {numbers.map(({ value, number, detail }) => (
            <div>
              <dt>Number</dt>
              <dd>
                <Quoted text={number ?? ((value ?? "") === "" ? "empty" : `${value} (${detail ?? "no number"})`)} />
              </dd>
            </div>
          ))}
          {Object.entries(texts).map(([field, { text, path }]) => (
            <div>
              <dt>{labelOf(field)}</dt>
              <dd>
                <Quoted text={text ?? `Incomplete: ${path ?? "a value"} is missing.`} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {warnings.map(({ sentence }) => (
        <p class="by">
          <Quoted text={sentence} />
        </p>
      ))}
    </>
  );
}

function Verdict({ rule: { call, won_by, reason_text } }: { rule: RuleSeen }) {
  const { nowMs } = useViewer();
  if (won_by !== undefined)
    return (
      <>
        <span class="status still">No call</span> The rule <Quoted text={won_by} /> has the event.
      </>
    );
  const why = reason_text === undefined ? null : <Sentence text={reason_text} />;
  if (call === undefined)
    return (
      <>
        <span class="status still">No call</span> {why}
      </>
    );
  if (call.status !== "queued")
    return (
      <>
        <span class="status busy">Held</span> {why}
      </>
    );
  return (
    <>
      <span class="status good">Would call</span> <Quoted text={call.number ?? ""} /> by{" "}
      <Quoted text={call.line ?? ""} />
      {call.due_at === null || Date.parse(call.due_at) <= nowMs + nowishMs ? null : (
        <>
          {" "}
          from <Time at={call.due_at} precision="minutes" />
        </>
      )}
    </>
  );
}
