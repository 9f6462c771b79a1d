/** Transcripts at Mihu. Types only. */

/** One thing that was said. `speaker`: Mihu's word is stored raw for an unknown one. */
export type Utterance = {
  readonly speaker: "agent" | "customer" | "unknown";
  readonly at: number | null;
  readonly text: string;
};

/**
 * `complete`: whether the end of the conversation was read. `ofCall`: whether only this call's own part is there; if
 * not, the conversation may hold other calls with the same person.
 */
type Transcript = {
  readonly utterances: readonly Utterance[];
  readonly complete: boolean;
  readonly ofCall: boolean;
};

export type Transcripts = {
  /**
   * Reads what was said. Nothing is stored.
   *
   * @param mihuId Mihu's id of the call, by which its session is found; null if unknown.
   */
  read(
    conversation: string,
    mihuId: string | null,
  ): Promise<
    { readonly ok: true; readonly transcript: Transcript } | { readonly ok: false; readonly reason: "away" | "missing" }
  >;
};
