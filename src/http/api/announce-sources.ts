/** Names of sources that a change opens, told to the directory before the change is answered. */
import type { ConfigWrite, StoredConfig } from "../../domain/config/stored.ts";
import { sweepEveryMs } from "../../domain/limits.ts";
import type { Confirmation } from "../../flows/config/refresh-inboxes.ts";
import { untilKnown } from "../../flows/config/until-known.ts";
import type { ApiDeps } from "../deps.ts";

/** Names of the sources that these writes create or open again. */
export function openedSources(before: StoredConfig, writes: readonly ConfigWrite[]): string[] {
  const open = new Set(before.sources.flatMap(({ slug, disconnectedAt }) => (disconnectedAt === null ? [slug] : [])));
  const saved = writes.flatMap((write) => (write.do === "save_source" ? [write.source.slug] : []));
  return saved.filter((slug) => !open.has(slug));
}

/**
 * Adds names to the directory's list, and waits until every Worker judges by a list that has them: until then their webhooks could be
 * answered with 404.
 *
 * @returns not confirmed: the directory could not be told. The next sweep adds the names, a minute later at the most
 */
export async function announceSources(
  { clock, directory, log, pause }: Pick<ApiDeps, "clock" | "directory" | "log" | "pause">,
  names: readonly string[],
): Promise<Confirmation> {
  if (names.length === 0) return { confirmed: true };
  try {
    await untilKnown(await directory.add(names), pause);
    return { confirmed: true };
  } catch (error) {
    log.warn("the directory of sources was not told of new names", { sources: names.length, error });
    return { confirmed: false, untilMs: clock.now() + sweepEveryMs, errors: [error] };
  }
}
