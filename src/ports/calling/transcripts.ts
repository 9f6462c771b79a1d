/** Transcripts at Mihu. Types only. */

/** One thing that was said. `speaker`: Mihu's word is stored raw for an unknown one. */
export type Utterance = {
  readonly speaker: "agent" | "customer" | "unknown";
  readonly at: number | null;
  readonly text: string;
};

/**
 * Why a transcript is cut. `long`: one answer holds no more. `late`: the time was over. `failed`: Mihu did not give the
 * next part.
 */
export type TranscriptCut = { readonly why: "long" | "late" | "failed"; readonly nextPage: number };

/**
 * `cut`: null if the end of the conversation was read. `ofCall`: whether only this call's own part is there; if not, the
 * conversation may hold other calls with the same person.
 */
type Transcript = {
  readonly utterances: readonly Utterance[];
  readonly cut: TranscriptCut | null;
  readonly ofCall: boolean;
};

/**
 * `empty`: Mihu has the conversation, without words. `unknown`: Mihu does not have the conversation. `late`: no part came
 * in time. `away`: Mihu refused, or its answer was no list.
 */
type TranscriptRefusal = "empty" | "unknown" | "late" | "away";

export type Transcripts = {
  /**
   * Reads what was said. Nothing is stored.
   *
   * @param mihuId Mihu's id of the call, by which its session is found; null if unknown.
   * @param page The first page to read, from 1: `nextPage` of a cut transcript.
   */
  read(
    conversation: string,
    mihuId: string | null,
    page: number,
  ): Promise<
    { readonly ok: true; readonly transcript: Transcript } | { readonly ok: false; readonly reason: TranscriptRefusal }
  >;
};
