import type { PropsWithChildren } from "hono/jsx";
import { type Field, FieldRow } from "../forms/fields.tsx";
import { Refusal } from "../forms/refusal.tsx";
import type { ApiProblem } from "../page.ts";
import { Sentence } from "../parts/bits.tsx";
import { visible } from "../parts/visible.ts";
import { type FieldGroup, inputNameOf } from "./source-fields.ts";

type Props = PropsWithChildren<{
  groups: readonly FieldGroup[];
  /** Values as sent or stored. */
  form: URLSearchParams;
  problem: ApiProblem | null;
  button: string;
  back: string;
}>;

/** The form of a source. A mistake stands beside its field. */
export function SourceForm({ groups, form, problem, button, back, children }: Props) {
  const mistakes = new Map((problem?.errors ?? []).map(({ path, reason }) => [inputNameOf(path), reason]));
  const names = new Set(groups.flatMap(({ fields }) => fields.map(({ name }) => name)));
  const others = [...mistakes].filter(([name]) => !names.has(name));
  return (
    <form method="post" class="act wide">
      {children}
      {problem === null ? null : (
        <Refusal
          lead="Nothing was saved."
          says={mistakes.size > others.length ? "See the marked fields." : <Sentence text={problem.detail} />}
          others={others}
        />
      )}
      {groups.map(({ title, fields }) =>
        title === null ? (
          fields.map((field) => <Row field={field} form={form} mistake={mistakes.get(field.name) ?? null} />)
        ) : fields.length === 0 ? null : (
          <details class="group" {...(fields.some(({ name }) => mistakes.has(name)) ? { open: true } : {})}>
            <summary>{visible(title)}</summary>
            {fields.map((field) => (
              <Row field={field} form={form} mistake={mistakes.get(field.name) ?? null} />
            ))}
          </details>
        ),
      )}
      <div class="buttons">
        <button type="submit">{button}</button>
        <a class="button quiet" href={back}>
          Back
        </a>
      </div>
    </form>
  );
}

function Row({ field, form, mistake }: { field: Field; form: URLSearchParams; mistake: string | null }) {
  const sent = form.get(field.name);
  const shown = field.kind === "secret" || sent === null ? field : { ...field, value: sent };
  return (
    <>
      <FieldRow field={shown} mistake={mistake} />
      {field.kind === "secret" && field.name === "secret" ? (
        <p class="acts">
          <button type="button" class="quiet needs-script" data-makes="field-secret">
            Make one here
          </button>
        </p>
      ) : null}
    </>
  );
}
