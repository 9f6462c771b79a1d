/** Names of sources that a change opens, and keys that it changes: told to the directory before the change is answered. */
import type { ConfigWrite, StoredConfig } from "../../domain/config/stored.ts";
import { olderKeysMs, sweepEveryMs } from "../../domain/limits.ts";
import type { Confirmation } from "../../flows/config/confirmation.ts";
import { announce } from "../../flows/config/until-known.ts";
import type { ApiDeps } from "../deps.ts";

type AnnounceDeps = Pick<ApiDeps, "clock" | "directory" | "pause">;

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
  { clock, directory, pause }: AnnounceDeps,
  names: readonly string[],
): Promise<Confirmation> {
  if (names.length === 0) return { confirmed: true };
  return await announce({ clock, pause }, () => directory.add(names), "names", sweepEveryMs);
}

/**
 * Has the directory read keys of outcome webhooks that were changed, and waits until every Worker judges by them.
 *
 * @returns not confirmed: the directory could not be told, or could not read them
 */
export async function announceKeys({ clock, directory, pause }: AnnounceDeps): Promise<Confirmation> {
  return await announce({ clock, pause }, () => directory.rereadWebhookKeys(), "keys", olderKeysMs);
}
