import type { Reader } from "../../views/reader.ts";
import { Layout } from "../frame/layout.tsx";
import { labelOf } from "../page-words.ts";
import { Quoted, Time } from "../parts/bits.tsx";
import { SourceTrail } from "../parts/source-trail.tsx";
import { visible } from "../parts/visible.ts";
import { plain } from "../parts/words.ts";
import { LineDiff } from "./line-diff.tsx";
import { type RuleVersionShown, ruleLines, storedDocument } from "./rule-fields.ts";

type Props = {
  reader: Reader;
  slug: string;
  versions: readonly RuleVersionShown[];
  /** The compared versions; null for a rule with one version. */
  compared: { from: RuleVersionShown; to: RuleVersionShown } | null;
};

/** Words for a rule's mode. */
const modeWords = {
  off: "Off: it decides nothing and calls nobody.",
  shadow: "Shadow: it decides and stores each text, and calls nobody.",
  test: "Test: it calls its test number in place of the customer.",
  live: "Live: it calls customers.",
} as const;

/** The way back to a source, and to one of its rules. */
export function RuleTrail({ slug, name }: { slug: string; name: string | null }) {
  return (
    <SourceTrail slug={slug}>
      {name === null ? null : (
        <a href={`/sources/${encodeURIComponent(slug)}/rules/${encodeURIComponent(name)}`}>
          <Quoted text={name} />
        </a>
      )}
    </SourceTrail>
  );
}

/** One rule: its mode, all its fields, and its versions. */
export function RulePage({ reader, slug, versions, compared }: Props) {
  const shown = versions.find(({ in_force }) => in_force) ?? versions[0];
  if (shown === undefined) return null;
  const path = `/sources/${encodeURIComponent(slug)}/rules/${encodeURIComponent(shown.name)}`;
  return (
    <Layout title={`Rule ${shown.name}`} reader={reader}>
      <RuleTrail slug={slug} name={null} />
      <div class="headline">
        <p class="above">Rule</p>
        <h1>
          <Quoted text={shown.name} />
        </h1>
        <p>{shown.in_force ? modeWords[shown.mode] : "It was removed, so it decides nothing."}</p>
      </div>
      {reader.scopes.includes("admin") && shown.in_force ? (
        <div class="acts">
          <a class="button quiet" href={`${path}/edit`}>
            Edit
          </a>
          <a class="button quiet" href={`${path}/mode`}>
            Change mode
          </a>
        </div>
      ) : null}
      <section aria-labelledby="fields">
        <h2 id="fields">Fields</h2>
        <Fields rule={shown} />
      </section>
      <section aria-labelledby="versions">
        <h2 id="versions">Versions</h2>
        <ul class="plain rows">
          {versions.map(({ version, saved_at, by, in_force, mode }) => (
            <li>
              <span>Version {version}</span>
              <span class={`status ${in_force ? "good" : "still"}`}>
                {in_force ? `in force, ${mode}` : `was ${mode}`}
              </span>
              <span class="by">
                <Time at={saved_at ?? ""} precision="minutes" /> by <Quoted text={by} />
              </span>
            </li>
          ))}
        </ul>
      </section>
      {compared === null ? null : <Compared versions={versions} {...compared} />}
    </Layout>
  );
}

function Fields({ rule }: { rule: RuleVersionShown }) {
  const fields = shownFields(rule);
  return (
    <dl class="fields">
      {Object.entries(fields).map(([field, value]) => (
        <div>
          <dt>{visible(labelOf(field))}</dt>
          <dd>
            <Quoted text={readable(value)} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** @returns The fields of a rule, those that are objects in words. */
function shownFields(rule: RuleVersionShown): Record<string, unknown> {
  const { name: _, ...fields } = storedDocument(rule);
  const { prompt, once_per, burst, try_again, also, fetch } = rule;
  return {
    ...fields,
    ...(typeof prompt === "object"
      ? { prompt: prompt.overwrite === true ? `${prompt.text}\n(It replaces the agent's own.)` : prompt.text }
      : {}),
    ...(once_per === undefined ? {} : { once_per: `${once_per.key}\nwithin ${once_per.in}` }),
    ...(burst === undefined ? {} : { burst: `${burst.calls} calls within ${burst.in}` }),
    ...(try_again === undefined
      ? {}
      : { try_again: `${try_again.on.map(plain).join(", ")}: after ${try_again.after.join(", then ")}` }),
    ...(also === undefined ? {} : { also: also ? "yes" : "no" }),
    ...(fetch?.length === 0 ? { fetch: "no record" } : {}),
  };
}

function readable(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join("\n") : String(value);
}

type ComparedProps = { versions: readonly RuleVersionShown[]; from: RuleVersionShown; to: RuleVersionShown };

function Compared({ versions, from, to }: ComparedProps) {
  return (
    <section aria-labelledby="compared">
      <h2 id="compared">Differences</h2>
      <form method="get" class="filter">
        <VersionChoice name="from" label="From" versions={versions} chosen={from.version} />
        <VersionChoice name="to" label="To" versions={versions} chosen={to.version} />
        <button type="submit" class="quiet">
          Compare
        </button>
      </form>
      <LineDiff
        from={ruleLines(storedDocument(from))}
        to={ruleLines(storedDocument(to))}
        names={[`Version ${from.version}`, `Version ${to.version}`]}
      />
    </section>
  );
}

type ChoiceProps = { name: string; label: string; versions: readonly RuleVersionShown[]; chosen: number };

function VersionChoice({ name, label, versions, chosen }: ChoiceProps) {
  return (
    <p>
      <label for={`version-${name}`}>{label}</label>
      <select id={`version-${name}`} name={name}>
        {versions.map(({ version }) => (
          <option value={String(version)} {...(version === chosen ? { selected: true } : {})}>
            Version {version}
          </option>
        ))}
      </select>
    </p>
  );
}
