/** Reads the body of `POST /call` as Laravel would validate it. */
import { inputOf } from "../http.ts";
import { isRecord } from "../json.ts";

const E164 = /^\+[1-9]\d{6,14}$/;

/** A valid request for a call. */
export type CallOrder = {
  agentId: string;
  number: string;
  about: string | null;
  prompt: string;
  overwrite: boolean | null;
  greeting: string | null;
};

type OrderRead = { ok: true; order: CallOrder } | { ok: false; errors: Record<string, string[]> };

type Complain = (field: string, complaint: string) => void;

/**
 * @param body the parsed body, of any shape
 * @param promptRequired whether a body without prompt is refused, as the documentation's field list says
 */
export function readOrder(body: unknown, promptRequired: boolean): OrderRead {
  const errors: Record<string, string[]> = {};
  const complain: Complain = (field, complaint) => {
    errors[field] = [`The ${field} field ${complaint}`];
  };
  const input = inputOf(body);
  const agentId = requiredText(input.agentId, "agentId", complain);
  const participant = requiredObject(input.participant, "participant", complain);
  const number = requiredText(participant.number, "participant.number", complain);
  if (number !== "" && !E164.test(number)) complain("participant.number", "must be a valid E.164 phone number.");
  const about = optionalText(participant.about, "participant.about", complain);
  const hasPrompt = promptRequired || (input.prompt !== undefined && input.prompt !== null);
  const prompt = hasPrompt ? requiredObject(input.prompt, "prompt", complain) : {};
  const content = hasPrompt ? requiredText(prompt.content, "prompt.content", complain) : "";
  const overwrite = optionalFlag(prompt.overwrite, "prompt.overwrite", complain);
  const message = isAbsent(input.message) ? {} : requiredObject(input.message, "message", complain);
  const greeting = optionalText(message.start, "message.start", complain);
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  return { ok: true, order: { agentId, number, about, prompt: content, overwrite, greeting } };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

/** Laravel counts a text of nothing but spaces as missing. */
function requiredText(value: unknown, field: string, complain: Complain): string {
  if (isAbsent(value) || (typeof value === "string" && value.trim() === "")) complain(field, "is required.");
  else if (typeof value !== "string") complain(field, "must be a string.");
  else return value;
  return "";
}

function requiredObject(value: unknown, field: string, complain: Complain): Record<string, unknown> {
  if (isRecord(value)) return value;
  complain(field, isAbsent(value) ? "is required." : "must be an array.");
  return {};
}

function optionalText(value: unknown, field: string, complain: Complain): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  complain(field, "must be a string.");
  return null;
}

function optionalFlag(value: unknown, field: string, complain: Complain): boolean | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "boolean") return value;
  complain(field, "must be true or false.");
  return null;
}
