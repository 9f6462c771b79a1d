/** Pauses of lines. Types only. */
import type { ReasonCode } from "../../domain/reasons.ts";

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
  /** Mihu asked the whole line to wait. */
  holdLine(line: string, waitMs: number): Promise<void>;
};
