import type { ruleModes } from "../../domain/rules/rule.ts";
import type { Reader } from "../../views/reader.ts";
import { FieldRow } from "../forms/fields.tsx";
import { Layout } from "../frame/layout.tsx";
import type { ApiProblem } from "../page.ts";
import { Quoted, Sentence } from "../parts/bits.tsx";
import { RehearsalFigures } from "./rehearsal.tsx";
import type { RehearsalAnswer } from "./rule-api.ts";
import type { RuleShown } from "./rule-fields.ts";
import { RuleTrail } from "./rule-page.tsx";

const choices = [
  {
    value: "off",
    label: "Off",
    hint: "It decides nothing. Its calls that wait are canceled; calls that ring go on.",
  },
  {
    value: "shadow",
    label: "Shadow",
    hint: "It decides and stores each text, and calls nobody. Its calls that wait are canceled.",
  },
  { value: "test", label: "Test", hint: "Each of its calls rings the test number in place of the customer." },
  { value: "live", label: "Live", hint: "It calls customers from the next event on. Earlier events stay as they are." },
] as const satisfies readonly { value: (typeof ruleModes)[number]; label: string; hint: string }[];

type Props = {
  reader: Reader;
  slug: string;
  stored: RuleShown;
  /** The sent form; null for a page that is opened. */
  form: URLSearchParams | null;
  problem: ApiProblem | null;
  /** The rule rehearsed as live; or the reason why it cannot be. */
  made: { ok: true; body: RehearsalAnswer } | { ok: false; problem: ApiProblem };
  rehearsed: string;
};

/** The switch of a rule's mode. */
export function ModePage({ reader, slug, stored, form, problem, made, rehearsed }: Props) {
  const mistakes = new Map((problem?.errors ?? []).map(({ path, reason }) => [String(path[0] ?? ""), reason]));
  return (
    <Layout title={`Mode of ${stored.name}`} reader={reader}>
      <RuleTrail slug={slug} name={stored.name} />
      <form method="post" class="act">
        <h1>
          Mode of <Quoted text={stored.name} />
        </h1>
        <p class="note">
          The rule is {stored.mode === "live" || stored.mode === "off" ? stored.mode : `in ${stored.mode} mode`}.
        </p>
        {problem === null ? null : (
          <p class="refused" role="alert">
            <strong>Nothing was changed.</strong>{" "}
            {mistakes.has("mode") || mistakes.has("test_number") ? (
              "See the marked fields."
            ) : (
              <Sentence text={problem.detail} />
            )}
          </p>
        )}
        <input type="hidden" name="rehearsed" value={rehearsed} />
        <FieldRow
          field={{
            kind: "choice",
            name: "mode",
            label: "Mode",
            required: true,
            value: form?.get("mode") ?? stored.mode,
            choices,
          }}
          mistake={mistakes.get("mode") ?? null}
        />
        <FieldRow
          field={{
            kind: "line",
            name: "test_number",
            label: "Test number",
            hint: "The number that the mode Test calls: `+14155550100`.",
            charactersMax: 40,
            value: form?.get("test_number") ?? stored.test_number ?? "",
          }}
          mistake={mistakes.get("test_number") ?? null}
        />
        <div class="buttons">
          <button type="submit">Change the mode</button>
          <a
            class="button quiet"
            href={`/sources/${encodeURIComponent(slug)}/rules/${encodeURIComponent(stored.name)}`}
          >
            Back
          </a>
        </div>
      </form>
      {made.ok ? (
        <RehearsalFigures name={stored.name} made={made.body} />
      ) : (
        <p class="note">
          The rehearsal failed, so the rule cannot become live here. <Sentence text={made.problem.detail} />
        </p>
      )}
    </Layout>
  );
}
