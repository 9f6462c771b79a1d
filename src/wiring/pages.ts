import { lazily } from "../domain/lazily.ts";
import { readiness } from "../flows/readiness.ts";
import { tokenPorts } from "../http/auth/authenticate.ts";
import { checkToken } from "../http/auth/token.ts";
import type { ApiDeps } from "../http/deps.ts";
import { innerApi } from "../http/inner-api.ts";
import { createPages } from "../pages/app.tsx";
import type { PageDeps } from "../pages/deps.ts";
import { keyedSessions } from "../pages/signin/sessions.ts";
import { BodyAborted } from "../platform/body.ts";
import { keyBytes } from "../platform/hashes.ts";
import type { EntryDraft } from "../ports/lookups/entries.ts";
import { isAway } from "../store/postgres/connection.ts";
import { callLookup } from "../views/calls/call-lookup.ts";
import { sourceLookup } from "../views/sources/source-lookup.ts";

/** The pages for people. */
export const pages = createPages(pageDeps);

/** Pages use the API's look-ups and masking. */
function pageDeps(c: Parameters<Parameters<typeof createPages>[0]>[0]): PageDeps {
  const whole: ApiDeps = c.get("deps");
  const { deps, readings } = withLateNotes(whole);
  const { clock, mode, publicUrl, sessionKeys, log } = deps;
  const [tagKey] = sessionKeys;
  if (tagKey === undefined) throw new Error("there is no session key");
  return {
    clock,
    mode,
    publicUrl,
    sessions: keyedSessions(() => deps.stores.sessions, sessionKeys),
    async verifyToken(token) {
      const checked = await checkToken(tokenPorts(deps), token);
      return checked.ok ? { ok: true, ...checked.reader, expiresAt: checked.expiresAt } : { ok: false };
    },
    readings,
    tagKey: keyBytes(tagKey.k),
    publicKeys: deps.signer.jwks,
    api: (reader, request) => innerApi(request, { deps, reader }),
    download: (reader, request) => innerApi(request, { deps: whole, reader }),
    lookups: (reader) => callLookup(deps.stores.lookups, reader),
    sources: (reader) => sourceLookup(deps, reader, new URL(c.req.url).origin),
    reviewCount: (max) => deps.stores.review.count(max),
    readiness: () => readiness({ lookups: deps.stores.lookups, inboxes: deps.inboxes }),
    spills: () => deps.inboxes.spills(),
    allowLink: deps.allowLink,
    isAway,
    lacksMigrations: deps.lacksMigrations,
    report(error) {
      if (error instanceof BodyAborted) log.debug("a browser closed its request before the end of the form", { error });
      else log.error("a page failed", { error });
    },
  };
}

/**
 * Collects the notes of readings until the page is certain to be sent: a page that has not changed shows nobody
 * anything new. Stores are opened on first use, so they are reached through getters.
 */
function withLateNotes(whole: ApiDeps): { deps: ApiDeps; readings: PageDeps["readings"] } {
  const notes: EntryDraft[] = [];
  /** A stream goes on after its page's notes are written, and notes more. */
  let sent = false;
  const lookups = lazily(() => ({
    ...whole.stores.lookups,
    noteRead: async (entry: EntryDraft) => {
      if (sent) await whole.stores.lookups.noteRead(entry);
      else notes.push(entry);
    },
  }));
  const stores = lazily(() => ({ ...whole.stores, lookups: lookups() }));
  // Routes spread their dependencies, which copies own properties only. Getters stay getters.
  const parts = { ...Object.getOwnPropertyDescriptors(whole), stores: { get: stores, enumerable: true } };
  const deps = Object.defineProperties({}, parts) as ApiDeps;
  const readings = {
    async write() {
      sent = true;
      for (const entry of notes.splice(0)) await whole.stores.lookups.noteRead(entry);
    },
  };
  return { deps, readings };
}
