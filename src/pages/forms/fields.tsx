/** Fields of forms. Each has a label, its hint and its mistake beside it, and keeps what was typed. */
import { ownSentence } from "../page-words.ts";
import { Sentence } from "../parts/bits.tsx";
import { isSecretName } from "../parts/secret-name.ts";

type Common = {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly required?: boolean;
  readonly value?: string;
  /** A click on a field of a payload writes its path into this field, as a condition or a text names it. */
  readonly takes?: "cel" | "text";
};

type Choice = { readonly value: string; readonly label: string; readonly hint?: string };

export type Field =
  | (Common & {
      readonly kind: "line" | "secret";
      readonly charactersMax?: number;
      readonly placeholder?: string;
      /** Values that exist. Another one may be typed. */
      readonly offers?: readonly string[];
    })
  | (Common & {
      readonly kind: "text";
      readonly charactersMax?: number;
      readonly rows?: number;
      readonly code?: boolean;
    })
  | (Common & { readonly kind: "choice"; readonly choices: readonly Choice[] })
  | (Common & { readonly kind: "check" })
  /** A time without a zone: the reader's. */
  | (Common & { readonly kind: "time" })
  | { readonly kind: "kept"; readonly name: string; readonly value: string };

/** @param mistake Reason of the API against the field's value; null if it has none. */
export function FieldRow({ field, mistake }: { field: Field; mistake: string | null }) {
  if (field.kind === "kept") return <input type="hidden" name={field.name} value={field.value} />;
  if (field.kind === "secret" && !isSecretName(field.name))
    throw new Error(`the name of the field ${field.name} does not say that it is secret`);
  const id = `field-${field.name}`;
  const described = [field.hint === undefined ? "" : `${id}-hint`, mistake === null ? "" : `${id}-mistake`]
    .filter((one) => one !== "")
    .join(" ");
  const attributes = {
    id,
    name: field.name,
    ...(field.required === true ? { required: true } : {}),
    ...(described === "" ? {} : { "aria-describedby": described }),
    ...(mistake === null ? {} : { "aria-invalid": "true" as const }),
  };
  const notes = (
    <>
      {field.hint === undefined ? null : (
        <p class="hint" id={`${id}-hint`}>
          <Sentence text={field.hint} />
        </p>
      )}
      {mistake === null ? null : (
        <p class="mistake" id={`${id}-mistake`}>
          <Sentence text={ownSentence(mistake)} />
        </p>
      )}
    </>
  );
  if (field.kind === "check")
    return (
      <div class="field-row check">
        <input type="checkbox" value="true" {...attributes} {...(field.value === "true" ? { checked: true } : {})} />
        <label for={id}>{field.label}</label>
        {notes}
      </div>
    );
  if (field.kind === "choice")
    return (
      <fieldset class="field-row choice">
        <legend>{field.label}</legend>
        {field.choices.map(({ value, label, hint }) => (
          <div class="option">
            <input
              type="radio"
              id={`${id}-${value}`}
              name={field.name}
              value={value}
              {...(field.required === true ? { required: true } : {})}
              {...(field.value === value ? { checked: true } : {})}
            />
            <label for={`${id}-${value}`}>
              {label}
              {hint === undefined ? null : <span class="hint">{hint}</span>}
            </label>
          </div>
        ))}
        {notes}
      </fieldset>
    );
  if (field.kind === "time")
    return (
      <div class="field-row">
        <label for={id}>{field.label}</label>
        <input {...attributes} type="datetime-local" value={field.value ?? ""} />
        {notes}
      </div>
    );
  const takes = field.takes === undefined ? {} : { "data-takes": field.takes };
  const maxlength = field.charactersMax === undefined ? {} : { maxlength: field.charactersMax };
  return (
    <div class="field-row">
      <label for={id}>{field.label}</label>
      {field.kind === "text" ? (
        <textarea
          {...attributes}
          {...maxlength}
          {...takes}
          rows={field.rows ?? 4}
          {...(field.code === true ? { class: "code-input", spellcheck: false } : {})}
        >
          {/* The parser drops a line break that begins a text area. */}
          {`\n${field.value ?? ""}`}
        </textarea>
      ) : (
        <input
          {...attributes}
          {...maxlength}
          {...takes}
          {...(field.offers === undefined ? {} : { list: `${id}-offers` })}
          type={field.kind === "secret" ? "password" : "text"}
          autocomplete="off"
          value={field.kind === "secret" ? "" : (field.value ?? "")}
          {...(field.placeholder === undefined ? {} : { placeholder: field.placeholder })}
        />
      )}
      {"offers" in field && field.offers !== undefined ? (
        <datalist id={`${id}-offers`}>
          {field.offers.map((one) => (
            <option value={one} />
          ))}
        </datalist>
      ) : null}
      {notes}
    </div>
  );
}

/** The reason of a decision, which its audit entry stores. */
export const reasonField = {
  kind: "line",
  name: "reason",
  label: "Reason",
  hint: "The audit log stores it with your token's name.",
  required: true,
  charactersMax: 500,
} as const satisfies Field;
