/** Tells the directory about new source names and changed webhook keys, before the change is answered. */
import type { ConfigWrite, StoredConfig } from "../../domain/config/stored.ts";
import { olderKeysMs, sweepEveryMs } from "../../domain/limits.ts";
import type { Confirmation } from "../../flows/config/confirmation.ts";
import { announce } from "../../flows/config/until-known.ts";
import type { ApiDeps } from "../deps.ts";

type AnnounceDeps = Pick<ApiDeps, "clock" | "directory" | "pause">;

/** Sources that these writes create or reopen. */
export function openedSources(before: StoredConfig, writes: readonly ConfigWrite[]): string[] {
  const open = new Set(before.sources.flatMap(({ slug, disconnectedAt }) => (disconnectedAt === null ? [slug] : [])));
  const saved = writes.flatMap((write) => (write.do === "save_source" ? [write.source.slug] : []));
  return saved.filter((slug) => !open.has(slug));
}

/**
 * Adds names to the directory's list, and waits until every Worker uses the new list. Before that, their webhooks could
 * get 404.
 *
 * @returns Unconfirmed if the directory was not reached. The next sweep adds the names within a minute.
 */
export async function announceSources(
  { clock, directory, pause }: AnnounceDeps,
  names: readonly string[],
): Promise<Confirmation> {
  if (names.length === 0) return { confirmed: true };
  return await announce({ clock, pause }, () => directory.add(names), "names", sweepEveryMs);
}

/**
 * Makes the directory reload changed keys of outcome webhooks, and waits until every Worker uses them.
 *
 * @returns Unconfirmed if the directory was not reached or could not read the keys.
 */
export async function announceKeys({ clock, directory, pause }: AnnounceDeps): Promise<Confirmation> {
  return await announce({ clock, pause }, () => directory.rereadWebhookKeys(), "keys", olderKeysMs);
}
