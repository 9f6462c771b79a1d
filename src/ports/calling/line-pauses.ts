/** Pauses of lines. Types only. */
import type { ReasonCode } from "../../domain/reasons.ts";

/** Why a line dials nothing for a while. */
export type LineHold = Extract<ReasonCode, "rate_limited" | "claims_slow">;

export type LinePauses = {
  /** @returns whether it went on before */
  pauseLine(line: string, reason: ReasonCode, detail: string, actor: string): Promise<boolean>;
  /** Only a person ends a person's pause. @returns whether it was paused, and may go on */
  resumeLine(line: string, actor: string, byPerson: boolean, reason?: string): Promise<boolean>;
  /** @returns every line, with the reason why it is paused now */
  pauseAll(detail: string, actor: string): Promise<{ line: string; reason: string }[]>;
  /** Ends the pauses of {@link LinePauses.pauseAll}, and no others. @returns the lines that go on */
  resumeAll(reason: string | undefined, actor: string): Promise<string[]>;
  /** Why a line is paused; `null` when it goes on, or is not there. */
  pauseOf(line: string): Promise<{ agent: string; reason: string } | null>;
  /** The whole line waits. @param reason absent: Mihu asked for it */
  holdLine(line: string, waitMs: number, reason?: LineHold): Promise<void>;
};
