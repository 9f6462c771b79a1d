import {
  assignedSchema,
  changesSchema,
  noteSchema,
  readingsSchema,
  reviewSchema,
  transcriptSchema,
} from "../answers/people.ts";
import { aboutExports, exportAnswer, exportFormat } from "./exports.ts";
import type { ApiOperations } from "./operation.ts";

const id = { id: "The call's id." };
const page = { limit: "Rows of a page.", cursor: "`next_cursor` of the page before." };

/** Notes, review, transcripts and readings. */
export const peopleOperations = {
  "POST /orders/notes": {
    id: "addNote",
    summary: "Adds a person's note to an order",
    description:
      "The note is in the order's `timeline`. An erasure that reaches a call or an event of the order erases its text. Afterwards the order takes no notes.",
    fields: {
      order_number: "Order number, in any spelling. An event or a call must have it.",
      source:
        "Name of the source whose order is meant. Without it the note is about the orders of this number in all sources.",
      text: "The note.",
    },
    answers: { 201: { description: "The note, without its text.", schema: noteSchema } },
    problems: ["not_found", "order_erased"],
  },
  "GET /review": {
    id: "listReview",
    summary: "Calls that wait for a person, oldest first",
    fields: {
      status: "`held`, `review`, or `unknown`: Hookline still looks the call up at Mihu.",
      reason: "A reason of calls.",
      source: "Name of the source.",
      line: "Name of the line.",
      owner: "`me`: calls that this token's holder has taken on. `none`: calls that nobody has.",
      ...page,
    },
    answers: { 200: { description: "A page of waiting calls.", schema: reviewSchema } },
    problems: ["cursor_invalid"],
  },
  "POST /calls/:id/assign": {
    id: "assignCall",
    summary: "Takes on a call that waits for a person, or gives it back",
    path: id,
    fields: {
      owner: "`me`, or null to give the call back.",
      take_from_other: "`true`: the call is taken over from its present owner.",
    },
    answers: { 200: { description: "The call's owner.", schema: assignedSchema } },
    problems: ["not_found", "call_state", "owned"],
  },
  "GET /calls/:id/transcript": {
    id: "getTranscript",
    summary: "Reads the transcript of a call from Mihu",
    description: "Nothing of it is stored. Each request writes an audit entry.",
    path: id,
    fields: { cursor: "`next_cursor` of the part before." },
    answers: { 200: { description: "Utterances, oldest first.", schema: transcriptSchema } },
    problems: ["not_found", "no_transcript", "not_at_mihu", "mihu_refused"],
  },
  "GET /calls/:id/listen": {
    id: "listenToCall",
    summary: "Redirects to the address at which a call can be heard while it goes on",
    description: "Each request writes an audit entry.",
    path: id,
    answers: { 302: { description: "`Location` is the address.", schema: null } },
    problems: ["not_found", "not_live", "link_not_allowed"],
  },
  "GET /events/:id/changes": {
    id: "getEventChanges",
    summary: "The fields in which an event differs from the one before it about the same record",
    path: { id: "The event's id." },
    description: "Without `pii:read` values are masked, and direct calls (source `api`) are not compared.",
    fields: { with: "Id of another event of the same source and record, in place of the one before." },
    answers: { 200: { description: "The changes.", schema: changesSchema } },
    problems: ["not_found"],
  },
  "GET /audit/readings": {
    id: "listReadings",
    summary: "Readings of unmasked data, newest first",
    fields: {
      reader: "Name of the reader's token.",
      from: "Readings at this time or later.",
      to: "Readings before this time.",
      ...page,
    },
    answers: { 200: { description: "A page of readings.", schema: readingsSchema } },
  },
  "GET /audit/readings/export": {
    id: "exportReadings",
    summary: "Readings of unmasked data as a file, newest first",
    description: aboutExports,
    fields: {
      reader: "Name of the reader's token.",
      from: "Readings at this time or later.",
      to: "Readings before this time.",
      format: exportFormat,
    },
    answers: { 200: exportAnswer },
  },
} as const satisfies ApiOperations;
