/** Sources as a reader may see them, with what has come of each and what to do in the sender's product. The API and the pages ask here. */

import type { StoredSource } from "../../domain/config/stored.ts";
import type { ConfigStore } from "../../ports/config/config.ts";
import type { PresetGuide } from "../../ports/config/presets.ts";
import type { LookupStore, SourceTraffic } from "../../ports/lookups.ts";
import type { ToldField } from "../../ports/planning/fields.ts";
import type { Clock } from "../../ports/runtime.ts";
import { eventView } from "../calls/event.ts";
import { iso } from "../moment.ts";
import { type Reader, seesAll } from "../reader.ts";
import { type SourceView, sourceView } from "./config.ts";

/** Events and rejections of one source that its page lists. */
const newestMax = 20;

export type SourceLookupDeps = {
  /** Where the service is reached, without a slash at its end; `null`: wherever the request came to. */
  readonly publicUrl: string | null;
  readonly mode: "local" | "production";
  readonly clock: Clock;
  readonly presetGuide: PresetGuide;
  readonly sealer: { readonly kids: readonly string[] };
  readonly stores: {
    readonly config: Pick<ConfigStore, "read">;
    readonly lookups: Pick<LookupStore, "heard" | "rejections" | "events" | "toldFields">;
  };
};

export type SourceLookup = ReturnType<typeof sourceLookup>;

/** One source with the newest of what it sent, and of what was refused. */
export type SourceStory = NonNullable<Awaited<ReturnType<SourceLookup["story"]>>>;

/**
 * @param reader whose scopes say what is shown
 * @param origin where the request came to: on one machine that is the service's address
 */
export function sourceLookup(deps: SourceLookupDeps, reader: Reader, origin: string) {
  const { stores, clock, sealer, presetGuide } = deps;
  const scopes = { admin: reader.scopes.includes("admin"), seesAll: seesAll(reader) };
  const address = deps.publicUrl ?? (deps.mode === "local" ? origin : "");
  const view = (source: StoredSource, heard: SourceTraffic | undefined, told: readonly ToldField[]): SourceView => {
    const { path, steps, secret } = presetGuide.setup(source, address);
    return sourceView(source, {
      ...scopes,
      nowMs: clock.now(),
      kids: sealer.kids,
      heard: heard ?? null,
      fields: told.filter((field) => field.source === source.slug),
      setup: { url: `${address}${path}`, path, steps, secret },
    });
  };
  const find = async (slug: string): Promise<SourceView | null> => {
    const [{ sources }, [heard], told] = await Promise.all([
      stores.config.read(),
      stores.lookups.heard(slug),
      stores.lookups.toldFields(slug),
    ]);
    const source = sources.find((one) => one.slug === slug);
    return source === undefined ? null : view(source, heard, told);
  };
  return {
    async list(): Promise<SourceView[]> {
      const [{ sources }, heard, told] = await Promise.all([
        stores.config.read(),
        stores.lookups.heard(null),
        stores.lookups.toldFields(null),
      ]);
      const bySlug = new Map(heard.map((one) => [one.source, one]));
      return sources.map((source) => view(source, bySlug.get(source.slug), told));
    },

    /** @returns `null`: there is no such source */
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
