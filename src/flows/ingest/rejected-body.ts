import type { Rejection } from "../../ports/ingest/rejections.ts";

/** @returns The rejection without its body, for which there is no room. */
export function withoutBody(one: Rejection): Rejection {
  return one.kept === undefined ? one : { ...one, kept: { ...one.kept, body: null, bodyKept: "no_room" } };
}
