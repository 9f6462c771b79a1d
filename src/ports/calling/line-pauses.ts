/** Pauses of lines. Types only. */
import type { ReasonCode } from "../../domain/reasons.ts";

/** The reason why a line dials nothing for a while. */
export type LineHold = Extract<ReasonCode, "rate_limited" | "claims_slow">;

export type LinePauses = {
  /** @returns Whether the line was running before. */
  pauseLine(line: string, reason: ReasonCode, detail: string, actor: string): Promise<boolean>;
  /** A person's pause is ended by a person only. @returns Whether the line was paused and resumes. */
  resumeLine(line: string, actor: string, byPerson: boolean, reason?: string): Promise<boolean>;
  /** @returns Every line with its present pause reason. */
  pauseAll(detail: string, actor: string): Promise<{ line: string; reason: string }[]>;
  /** Ends the pauses of {@link LinePauses.pauseAll}, and no others. @returns The lines that resume. */
  resumeAll(reason: string | undefined, actor: string): Promise<string[]>;
  /** The reason of a line's pause; null if it is running or does not exist. */
  pauseOf(line: string): Promise<{ agent: string; reason: string } | null>;
  /** Holds the whole line. @param reason Absent: Mihu asked for the wait. */
  holdLine(line: string, waitMs: number, reason?: LineHold): Promise<void>;
};
