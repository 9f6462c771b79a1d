import * as z from "zod";
import { line, phoneText, slug } from "./words.ts";

const reason = line(500);

/** `POST /v1/erasures`: a person by phone number, or one event by Hookline's id or the sender's id. */
export const erasureBody = z.union(
  [z.strictObject({ number: phoneText, reason }), z.strictObject({ source: slug, event: line(200), reason })],
  "must have a reason, and a number, or a source and an event",
);
