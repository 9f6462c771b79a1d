/** Pauses of sources. Types only. */

/** Pausing a source. Its door stays open. */
export type SourcePauses = {
  /** A pause that stands keeps its reason. */
  pauseSource(slug: string, detail: string, actor: string): Promise<void>;
  /** @returns whether it was paused */
  resumeSource(slug: string, detail: string | undefined, actor: string): Promise<boolean>;
};
