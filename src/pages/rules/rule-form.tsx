import type { EventView } from "../../views/calls/event.ts";
import type { Reader } from "../../views/reader.ts";
import { timeText } from "../../views/times.ts";
import { PayloadTree, type WholeEvent } from "../events/payload.tsx";
import { type Field, FieldRow } from "../forms/fields.tsx";
import { Refusal } from "../forms/refusal.tsx";
import { Layout } from "../frame/layout.tsx";
import type { ApiProblem } from "../page.ts";
import { Hidden, Quoted, Sentence } from "../parts/bits.tsx";
import { visible } from "../parts/visible.ts";
import { useViewer } from "../viewer.ts";
import { type PreviewState, Previews } from "./previews.tsx";
import {
  eventFields,
  lineField,
  mistakesByField,
  moreFields,
  nameField,
  type RuleShown,
  textFields,
} from "./rule-fields.ts";
import { RuleTrail } from "./rule-page.tsx";

/** Parts of the form that depend on what was sent. */
export type RuleFormState = {
  readonly form: URLSearchParams;
  readonly problem: ApiProblem | null;
  /** The version that somebody else saved meanwhile, and the version that was edited here; null if there is none. */
  readonly stale: { readonly from: string; readonly to: number } | null;
};
type Props = RuleFormState & {
  reader: Reader;
  slug: string;
  /** The stored version; null for a new rule. */
  stored: RuleShown | null;
  events: readonly EventView[];
  preview: PreviewState;
  payload: WholeEvent | null;
  /** Names of the lines that exist. */
  lines: readonly string[];
};

/** The editor of a rule, with a preview and a payload to take paths from. */
export function RuleForm({ reader, slug, stored, events, form, problem, stale, preview, payload, lines }: Props) {
  const { path } = useViewer();
  const mistakes = mistakesByField(problem?.errors ?? []);
  const groups = [stored === null ? [nameField] : [], eventFields, [lineField(lines)], textFields];
  const names = new Set([...groups.flat(), ...moreFields].map(({ name }) => name));
  const others = [...mistakes].filter(([name]) => !names.has(name));
  const isMoreOpen = moreFields.some(({ name }) => mistakes.has(name) || (form.get(name) ?? "") !== "");
  const row = (field: Field) => (
    <FieldRow field={{ ...field, value: form.get(field.name) ?? "" }} mistake={mistakes.get(field.name) ?? null} />
  );
  const back = `/sources/${encodeURIComponent(slug)}${stored === null ? "" : `/rules/${encodeURIComponent(stored.name)}`}`;
  return (
    <Layout title={stored === null ? `New rule of ${slug}` : `Edit ${stored.name}`} reader={reader}>
      <RuleTrail slug={slug} name={stored?.name ?? null} />
      <h1>
        {stored === null ? (
          "New rule"
        ) : (
          <>
            Edit <Quoted text={stored.name} />
          </>
        )}
      </h1>
      <p class="note">
        {stored === null
          ? "It begins in shadow: it decides, and calls nobody."
          : stored.mode === "live"
            ? "It is live. The rehearsal of a change is shown before the change is saved."
            : `Its mode stays ${stored.mode}.`}
      </p>
      <div class="editor">
        <form method="post" class="act wide" id="rule-form">
          {problem === null ? null : (
            <Refusal
              lead="Nothing was saved."
              says={mistakes.size > others.length ? "See the marked fields." : <Sentence text={problem.detail} />}
              others={others}
            >
              {stale === null ? null : (
                <p>
                  <a
                    href={`${back}?from=${encodeURIComponent(stale.from)}&to=${stale.to}`}
                    target="_blank"
                    rel="noopener"
                  >
                    The differences, in a new tab
                  </a>
                </p>
              )}
            </Refusal>
          )}
          <input type="hidden" name="base" value={form.get("base") ?? ""} />
          {groups.flat().map(row)}
          <details class="group" {...(isMoreOpen ? { open: true } : {})}>
            <summary>More</summary>
            {moreFields.map(row)}
          </details>
          <div class="buttons">
            <button type="submit" class="quiet" name="act" value="preview" formnovalidate>
              Preview
            </button>
            <button type="submit" name="act" value="save">
              {stored?.mode === "live" ? "Rehearse" : "Save"}
            </button>
            <a class="button quiet" href={back}>
              Back
            </a>
          </div>
        </form>
        <div class="beside">
          <Previews path={path} {...preview} />
          <Payload {...{ reader, events, payload }} into={form.get("into") ?? "when"} />
        </div>
      </div>
    </Layout>
  );
}

const intoFields = [...eventFields, ...textFields, ...moreFields].filter(
  (field): field is Field & { label: string } => "takes" in field && field.takes !== undefined,
);

type PayloadProps = { reader: Reader; events: readonly EventView[]; payload: WholeEvent | null; into: string };

/** A captured payload. A click on a value writes its path into the rule. */
function Payload({ reader, events, payload, into }: PayloadProps) {
  const { zone } = useViewer();
  const isListed = events.some(({ id }) => id === payload?.id);
  const listed = payload === null || isListed ? events : [payload, ...events];
  if (listed.length === 0)
    return (
      <section aria-labelledby="payload" class="payload">
        <h2 id="payload">Payload</h2>
        <p class="empty">
          {reader.scopes.includes("calls:read")
            ? "No event has arrived yet."
            : "Events are hidden: this token lacks the scope calls:read."}
        </p>
      </section>
    );
  return (
    <section aria-labelledby="payload" class="payload">
      <h2 id="payload">Payload</h2>
      <div class="picks">
        <p>
          <label for="field-event">Event</label>
          <select id="field-event" name="event" form="rule-form">
            {listed.map(({ id, type, order_number, received_at }) => (
              <option value={id} {...(id === payload?.id ? { selected: true } : {})}>
                {visible(`${order_number ?? type}, ${timeText(received_at, "minutes", zone)}`)}
              </option>
            ))}
          </select>
        </p>
        <p>
          <label for="field-into">A click writes into</label>
          <select id="field-into" name="into" form="rule-form">
            {intoFields.map(({ name, label }) => (
              <option value={name} {...(name === into ? { selected: true } : {})}>
                {label}
              </option>
            ))}
          </select>
        </p>
        <button type="submit" class="quiet" form="rule-form" name="act" value="payload" formnovalidate>
          Show
        </button>
      </div>
      {payload === null ? null : reader.scopes.includes("pii:read") ? (
        <PayloadTree event={payload} form="rule-form" />
      ) : (
        <Hidden what="Payloads" />
      )}
    </section>
  );
}
