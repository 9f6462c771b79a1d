import type { Reader } from "../../views/reader.ts";
import { Trail } from "../forms/act.tsx";
import { Layout } from "../frame/layout.tsx";
import { Quoted } from "../parts/bits.tsx";
import { Moment } from "../parts/moment.tsx";

/** A transcript as the API answers with it. */
export type TranscriptView = {
  readonly call_id: string;
  readonly utterances: readonly { readonly speaker: string; readonly at: string | null; readonly text: string }[];
  readonly complete: boolean;
  readonly only_this_call: boolean;
};

const speakerWords: Readonly<Record<string, string>> = { agent: "Agent", customer: "Customer" };

/** The transcript of a call, read from Mihu for this page and stored nowhere. */
export function TranscriptPage({ reader, transcript }: { reader: Reader; transcript: TranscriptView }) {
  const { call_id, utterances, complete, only_this_call } = transcript;
  return (
    <Layout title="Transcript" reader={reader}>
      <Trail path={`/calls/${call_id}`} name="The call" />
      <section aria-labelledby="transcript">
        <h1 id="transcript">Transcript</h1>
        <p class="note">
          Read from Mihu just now. Hookline does not store it, and the audit log has your reading.
          {only_this_call
            ? ""
            : " The conversation may hold other calls with the same person: Mihu does not tell them apart."}
          {complete ? "" : " It is longer than what is shown here."}
        </p>
        <dl class="transcript">
          {utterances.map(({ speaker, at, text }) => (
            <div class={speaker}>
              <dt>
                {speakerWords[speaker] ?? "Unknown speaker"}
                {at === null ? null : <Moment at={at} />}
              </dt>
              <dd dir="auto">
                <Quoted text={text} />
              </dd>
            </div>
          ))}
        </dl>
      </section>
    </Layout>
  );
}
