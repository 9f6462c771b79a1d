import { readJson } from "../../domain/json.ts";
import type { wholeEventView } from "../../views/calls/event.ts";
import { visible } from "../parts/visible.ts";

/** One event with its body, as the API shows it. */
export type WholeEvent = ReturnType<typeof wholeEventView>;

/** Fields shown of one payload. */
const fieldsMax = 600;
const valueCharactersMax = 120;
/** Levels that are open at first. */
const openLevelsMax = 2;

type Props = {
  event: WholeEvent;
  /** Id of the form into which a click on a value writes its path; null for a tree that is only read. */
  form: string | null;
};
type Left = { fields: number };

/**
 * A payload as a tree. Each value has its path, as conditions and texts name it. In an editor each value is a button of
 * the form: with a script it writes the path at the cursor, without one the server does.
 */
export function PayloadTree({ event, form }: Props) {
  if (event.erased_at !== null) return <p class="empty">The payload was erased.</p>;
  const read = readJson(event.body ?? "");
  const left = { fields: fieldsMax };
  return (
    <div class="tree">
      {read.ok ? (
        <Field name="data" path="data" value={read.value} level={0} {...{ left, form }} />
      ) : (
        <p class="empty">The body is not JSON, so it has no fields to choose from.</p>
      )}
      {event.fetched === null ? null : (
        <Field name="record" path="record" value={event.fetched} level={0} {...{ left, form }} />
      )}
      {left.fields > 0 ? null : <p class="note">More fields are not shown.</p>}
    </div>
  );
}

/** @returns The path of a member, by dots if its key is a name. */
function inside(path: string, key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

type FieldProps = { name: string; path: string; value: unknown; level: number; left: Left; form: string | null };

function Field({ name, path, value, level, left, form }: FieldProps) {
  if (left.fields <= 0) return null;
  left.fields -= 1;
  if (typeof value !== "object" || value === null) return <Leaf {...{ name, path, form }} text={textOf(value)} />;
  const members = Array.isArray(value)
    ? value.map((item, index) => [String(index), `${path}[${index}]`, item] as const)
    : Object.entries(value).map(([key, item]) => [key, inside(path, key), item] as const);
  if (members.length === 0) return <Leaf {...{ name, path, form }} text={Array.isArray(value) ? "[ ]" : "{ }"} />;
  return (
    <details {...(level < openLevelsMax ? { open: true } : {})}>
      <summary>
        <code>
          <bdi>{visible(name)}</bdi>
        </code>{" "}
        <span class="by">{countText(members.length, Array.isArray(value))}</span>
      </summary>
      {members.map(([key, at, item]) => (
        <Field name={key} path={at} value={item} level={level + 1} {...{ left, form }} />
      ))}
    </details>
  );
}

function countText(count: number, isList: boolean): string {
  if (isList) return count === 1 ? "1 item" : `${count} items`;
  return count === 1 ? "1 field" : `${count} fields`;
}

/** Texts are in quotes, because a condition compares a text and a number differently. */
function textOf(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > valueCharactersMax ? `${text.slice(0, valueCharactersMax).toWellFormed()}…` : text;
}

function Leaf({ name, path, text, form }: { name: string; path: string; text: string; form: string | null }) {
  const words = (
    <>
      <code>
        <bdi>{visible(name)}</bdi>
      </code>{" "}
      <bdi class="value">{visible(text)}</bdi>
    </>
  );
  if (form === null) return <p class="leaf">{words}</p>;
  return (
    <button
      type="submit"
      class="leaf"
      name="insert"
      value={path}
      data-path={path}
      title={visible(path)}
      {...{ form }}
      formnovalidate
    >
      <span class="unseen">Insert the path of </span>
      {words}
    </button>
  );
}
