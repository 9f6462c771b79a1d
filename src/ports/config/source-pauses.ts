/** Pauses of sources, and of their fetches. Types only. */
import type { FetchNow } from "../planning/records.ts";

/** Pausing a source. Its door stays open. */
export type SourcePauses = {
  /** A pause that stands keeps its reason. */
  pauseSource(slug: string, detail: string, actor: string): Promise<void>;
  /** Tries at once what waits for a fetch. @returns whether it was paused */
  resumeSource(slug: string, detail: string | undefined, actor: string): Promise<boolean>;
  /** Tries at once what waits for a fetch, unless the source is paused. `null`: there is no such source. */
  fetchNow(slug: string, detail: string | undefined, actor: string): Promise<FetchNow>;
};
