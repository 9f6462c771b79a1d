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
  readonly cut: { readonly detail: string } | null;
  readonly next_cursor: string | null;
  readonly only_this_call: boolean;
};

const speakerWords: Readonly<Record<string, string>> = { agent: "Agent", customer: "Customer" };

/** The transcript of a call, read from Mihu for this page and stored nowhere. */
export function TranscriptPage({ reader, transcript }: { reader: Reader; transcript: TranscriptView }) {
  const { call_id, utterances, cut, next_cursor, only_this_call } = transcript;
  return (
    <Layout title="Transcript" reader={reader}>
      <Trail path={`/calls/${call_id}`} name="The call" />
      <section aria-labelledby="transcript">
        <h1 id="transcript">Transcript</h1>
        <p class="note">
          Read from Mihu just now. Hookline does not store it, and the audit log records that you read it.
          {only_this_call
            ? ""
            : " The conversation may hold other calls with the same person: Mihu does not tell them apart."}
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
        {cut === null ? null : (
          <p class="note" role="status">
            The transcript is cut here. {cut.detail}{" "}
            <a href={`/calls/${call_id}/transcript?cursor=${encodeURIComponent(next_cursor ?? "")}`}>Read on</a>
          </p>
        )}
      </section>
    </Layout>
  );
}
