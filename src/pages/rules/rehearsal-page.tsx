import type { Reader } from "../../views/reader.ts";
import { Layout } from "../frame/layout.tsx";
import { Quoted } from "../parts/bits.tsx";
import { LineDiff } from "./line-diff.tsx";
import { RehearsalFigures } from "./rehearsal.tsx";
import type { RehearsalAnswer } from "./rule-api.ts";
import { type NamedDocument, type RuleShown, ruleLines, storedDocument } from "./rule-fields.ts";
import { RuleTrail } from "./rule-page.tsx";

type Props = {
  reader: Reader;
  slug: string;
  stored: RuleShown;
  changed: NamedDocument;
  made: RehearsalAnswer;
  /** The sent form. It is sent again with the fingerprint of what was rehearsed. */
  form: URLSearchParams;
  rehearsed: string;
};

/** The rehearsal of a change of a live rule, which is saved from here alone. */
export function RehearsalPage({ reader, slug, stored, changed, made, form, rehearsed }: Props) {
  const kept = [...form].filter(([name]) => name !== "act" && name !== "rehearsed");
  return (
    <Layout title={`Rehearsal of ${stored.name}`} reader={reader}>
      <RuleTrail slug={slug} name={stored.name} />
      <h1>
        Rehearsal of <Quoted text={stored.name} />
      </h1>
      <p class="note">Nothing is saved yet. The rule is live: once it is saved, it calls customers by this text.</p>
      <RehearsalFigures name={stored.name} made={made} />
      <form method="post">
        {kept.map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <input type="hidden" name="rehearsed" value={rehearsed} />
        <div class="buttons">
          <button type="submit" name="act" value="save">
            Save it
          </button>
          <button type="submit" class="quiet" name="act" value="edit">
            Back to the form
          </button>
        </div>
      </form>
      <section aria-labelledby="changes">
        <h2 id="changes">Changes of the text</h2>
        <LineDiff from={ruleLines(storedDocument(stored))} to={ruleLines(changed)} names={["Stored", "New"]} />
      </section>
    </Layout>
  );
}
