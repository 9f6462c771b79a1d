/** Pauses of sources, and of their fetches. Types only. */
import type { FetchNow } from "../planning/records.ts";

/** Pauses of a source. It still accepts events. */
export type SourcePauses = {
  /** An existing pause keeps its reason. */
  pauseSource(slug: string, detail: string, actor: string): Promise<void>;
  /** Retries waiting fetches at once. @returns Whether the source was paused. */
  resumeSource(slug: string, detail: string | undefined, actor: string): Promise<boolean>;
  /** Retries waiting fetches at once, unless the source is paused. Null if the source does not exist. */
  fetchNow(slug: string, detail: string | undefined, actor: string): Promise<FetchNow>;
};
