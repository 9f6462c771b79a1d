/** Sources for a reader, with their traffic and set-up steps. Shared by the API and the pages. */

import { weakSecret } from "../../domain/config/secret-strength.ts";
import type { StoredSource } from "../../domain/config/stored.ts";
import type { ConfigStore } from "../../ports/config/config.ts";
import type { PresetGuide } from "../../ports/config/presets.ts";
import type { Resealer, SealedStore, VerifyingSecret } from "../../ports/config/sealed.ts";
import type { EventLookups } from "../../ports/lookups/events.ts";
import type { SourceLookups, SourceTraffic } from "../../ports/lookups/sources.ts";
import type { DriftedField } from "../../ports/planning/fields.ts";
import type { Clock } from "../../ports/runtime.ts";
import { eventView } from "../calls/event.ts";
import { iso } from "../moment.ts";
import { type Reader, seesAll } from "../reader.ts";
import { type SourceView, sourceView, type WeakStoredSecret } from "./config.ts";

/** Events and rejections listed on a source's page. */
const newestMax = 20;

export type SourceLookupDeps = {
  /** The service's public address without a trailing slash; null if it is not configured. */
  readonly publicUrl: string | null;
  readonly mode: "local" | "production";
  readonly clock: Clock;
  readonly presetGuide: PresetGuide;
  readonly sealer: Pick<Resealer, "open"> & { readonly kids: readonly string[] };
  readonly stores: {
    readonly config: Pick<ConfigStore, "read">;
    readonly sealed: Pick<SealedStore, "secrets">;
    readonly lookups: SourceLookups & Pick<EventLookups, "events">;
  };
};

export type SourceLookup = ReturnType<typeof sourceLookup>;

/** One source with its newest events and rejections. */
export type SourceStory = NonNullable<Awaited<ReturnType<SourceLookup["story"]>>>;

/**
 * @param reader Its scopes decide what is shown.
 * @param origin Origin of the request. In local mode it is the service's address.
 */
export function sourceLookup(deps: SourceLookupDeps, reader: Reader, origin: string) {
  const { stores, clock, sealer, presetGuide } = deps;
  const scopes = { admin: reader.scopes.includes("admin"), seesAll: seesAll(reader) };
  const address = deps.publicUrl ?? (deps.mode === "local" ? origin : "");
  // Weak secrets are named to administrators only: the list would show others which secret to guess.
  const sealedSecrets = async (slug: string | null) => (scopes.admin ? await stores.sealed.secrets(slug) : []);
  const view = async (
    source: StoredSource,
    heard: SourceTraffic | undefined,
    told: readonly DriftedField[],
    sealed: readonly VerifyingSecret[],
  ): Promise<SourceView> => {
    const setup = presetGuide.setup(source, address);
    return sourceView(source, {
      weakSecrets: await weakSecrets(deps, source, sealed),
      ...scopes,
      nowMs: clock.now(),
      kids: sealer.kids,
      heard: heard ?? null,
      fields: told.filter((field) => field.source === source.slug),
      setup: { url: `${address}${setup.path}`, ...setup },
    });
  };
  const find = async (slug: string): Promise<SourceView | null> => {
    const [{ sources }, [heard], told, sealed] = await Promise.all([
      stores.config.read(),
      stores.lookups.traffic(slug),
      stores.lookups.driftedFields(slug),
      sealedSecrets(slug),
    ]);
    const source = sources.find((one) => one.slug === slug);
    return source === undefined ? null : await view(source, heard, told, sealed);
  };
  return {
    async list(): Promise<SourceView[]> {
      const [{ sources }, heard, told, sealed] = await Promise.all([
        stores.config.read(),
        stores.lookups.traffic(null),
        stores.lookups.driftedFields(null),
        sealedSecrets(null),
      ]);
      const bySlug = new Map(heard.map((one) => [one.source, one]));
      return await Promise.all(sources.map((source) => view(source, bySlug.get(source.slug), told, sealed)));
    },

    /** @returns The source; null if no source has this name. */
    source: find,

    async story(slug: string) {
      const source = await find(slug);
      if (source === null) return null;
      const [rejections, events] = await Promise.all([
        stores.lookups.rejections(slug),
        stores.lookups.events({ source: slug }, newestMax, null),
      ]);
      return {
        source,
        rejections: rejections
          .slice(0, newestMax)
          .map(({ id, at, code, detail }) => ({ id, at: iso(at), code, detail })),
        events: events.rows.map((row) => eventView(row, scopes.seesAll)),
      };
    },
  };
}

/**
 * Stored secrets of a source that are weak. They still verify. A secret that cannot be opened has a separate warning.
 */
async function weakSecrets(
  { sealer, presetGuide }: Pick<SourceLookupDeps, "sealer" | "presetGuide">,
  source: StoredSource,
  sealed: readonly VerifyingSecret[],
): Promise<WeakStoredSecret[]> {
  const origin = presetGuide.secretOrigin(source);
  const own = sealed.filter((one) => one.source === source.slug);
  const judged = own.map(async ({ id, env, sealed: text }) => {
    const opened = await sealer.open(text);
    const weak = opened.ok ? weakSecret(opened.text, origin) : null;
    return weak === null ? [] : [{ name: env ?? id, reason: weak.reason, verifies: weak.verifies }];
  });
  return (await Promise.all(judged)).flat();
}
