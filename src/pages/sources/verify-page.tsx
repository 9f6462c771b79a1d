import type { Reader } from "../../views/reader.ts";
import { type Field, FieldRow } from "../forms/fields.tsx";
import { Layout } from "../frame/layout.tsx";
import { amount } from "../frame/notices.tsx";
import type { ApiProblem } from "../page.ts";
import { Sentence } from "../parts/bits.tsx";
import { SourceTrail } from "../parts/source-trail.tsx";
import type { VerifyVerdict } from "./api-types.ts";

const fields: readonly Field[] = [
  { kind: "line", name: "url", label: "Address", hint: "As the sender has it. Empty: this source's own." },
  {
    kind: "text",
    name: "headers",
    label: "Headers",
    hint: "One per line: `X-Signature: …`.",
    rows: 6,
    code: true,
  },
  {
    kind: "text",
    name: "body",
    label: "Body",
    hint: "The text exactly as it was sent. A changed space or line break breaks the signature.",
    rows: 10,
    code: true,
  },
];

type Props = {
  reader: Reader;
  slug: string;
  form: URLSearchParams;
  verdict: VerifyVerdict | null;
  problem: ApiProblem | null;
};

/** Checks a saved request: whether it would be accepted, and if not, why. Nothing is stored. */
export function VerifyPage({ reader, slug, form, verdict, problem }: Props) {
  const mistakes = new Map((problem?.errors ?? []).map((one) => [String(one.path[0] ?? ""), one.reason]));
  return (
    <Layout title={`Check a request of ${slug}`} reader={reader}>
      <SourceTrail slug={slug} />
      <form method="post" class="act wide">
        <h1>Check a request</h1>
        <p class="note">
          Paste a request as it arrived or as the sender logged it. Nothing is stored, and nobody is called.
        </p>
        {verdict === null ? null : (
          <div class={verdict.ok ? "verdict good" : "refused"} role="status">
            <p>
              <strong>{verdict.ok ? "It would be accepted" : "It would be refused"}</strong>
              {verdict.ok ? `: ${amount(verdict.events_count)}.` : ". "}
              {verdict.detail === null ? null : <Sentence text={verdict.detail} />}
            </p>
            {verdict.advice === null ? null : (
              <p>
                <Sentence text={verdict.advice} />
              </p>
            )}
          </div>
        )}
        {problem === null ? null : (
          <p class="refused" role="alert">
            <Sentence text={problem.detail} />
          </p>
        )}
        {fields.map((field) => (
          <FieldRow
            field={{ ...field, value: form.get(field.name) ?? "" }}
            mistake={mistakes.get(field.name) ?? null}
          />
        ))}
        <div class="buttons">
          <button type="submit">Check it</button>
          <a class="button quiet" href={`/sources/${encodeURIComponent(slug)}`}>
            Back
          </a>
        </div>
      </form>
    </Layout>
  );
}
