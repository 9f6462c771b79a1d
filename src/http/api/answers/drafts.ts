/** Calls that are not stored: of a dry run, a preview or a rehearsal. */
import * as z from "zod";
import { callStatuses } from "../../../domain/calls/call.ts";
import { facts, perhapsText, perhapsTime } from "./words.ts";

const verdictSchema = z.strictObject({ gate: z.string(), verdict: z.enum(["pass", "stop"]), inputs: facts });

/** The call of a dry run. Nothing is masked: the client sent its texts and its number. */
export const draftSchema = z
  .strictObject({
    status: z.enum(callStatuses),
    reason: perhapsText,
    reason_text: perhapsText,
    detail: facts.nullable(),
    line: perhapsText,
    number: perhapsText,
    about: perhapsText,
    prompt: perhapsText,
    prompt_overwrite: z.boolean(),
    greeting: perhapsText,
    zones: z.array(z.string()),
    due_at: perhapsTime,
    closes_at: perhapsTime,
    expires_at: perhapsTime,
    verdicts: z.array(verdictSchema),
  })
  .meta({ id: "Draft" });
