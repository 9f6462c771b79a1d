import { randomUUID } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import { readIfThere, writePrivate } from "../../cli/local/files.ts";

const sent = z.record(z.string(), z.object({ id: z.string(), body: z.string() }));
const keptMax = 200;

/** One webhook exactly as it was sent: a redelivery is the same id with the same bytes. */
export type SentWebhook = z.infer<typeof sent>[string];

/**
 * The webhook that was sent for `key` before, or a new one with a new id and the body from `compose`. Stored in
 * `dir`/sent.json, because a body contains its time and cannot be reproduced.
 */
export function sameAsBefore(options: { dir: string; key: string; anew: boolean; compose: () => string }): SentWebhook {
  const path = join(options.dir, "sent.json");
  const text = readIfThere(path);
  const known = text === undefined ? {} : sent.parse(JSON.parse(text));
  const before = known[options.key];
  if (before !== undefined && !options.anew) return before;
  const made = { id: randomUUID(), body: options.compose() };
  const entries = Object.entries(known).filter(([key]) => key !== options.key);
  writePrivate(path, `${JSON.stringify(Object.fromEntries([...entries, [options.key, made]].slice(-keptMax)))}\n`);
  return made;
}
