/**
 * The directory: one object that knows the names of all sources and the keys of all outcome webhooks, and reports
 * readiness. Unauthenticated requests ask for these, and must not cost a connection or an object each. This object
 * answers from memory, and has the only connection that such requests can cause.
 *
 * Each change that opens a source pushes its name here, and each sweep compares the names with Postgres. The list is on
 * the object's own disk, so it is available while Postgres is down.
 */
import { DurableObject } from "cloudflare:workers";
import { lastWord, readWord, type WordPorts } from "../../flows/readiness-word.ts";
import type { Log } from "../../platform/log.ts";
import type { WebhookLine } from "../../ports/calling/outcome-webhooks.ts";
import type { NameDirectory, NamesAnswer } from "../../ports/ingest/directory.ts";
import type { ReadinessWord } from "../../ports/lookups/readiness.ts";
import { type KeyList, type KeysAnswer, keyList } from "./key-list.ts";
import { nameList } from "./name-list.ts";
import { storedNames } from "./stored-names.ts";

/** The dependencies that the wiring gives the directory. */
export type DirectoryDeps = WordPorts & {
  readonly log: Log;
  /** Names of all sources, from Postgres. */
  readonly names: { read(): Promise<readonly string[]> };
  /** Keys of the lines' outcome webhooks, from Postgres. */
  readonly keys: { read(): Promise<ReadonlyMap<string, WebhookLine>> };
};

/** The directory's methods as Workers call them. */
export type DirectoryRpc = NameDirectory &
  KeyList & {
    /** Null before the first reading. */
    readiness(): Promise<ReadinessWord | null>;
  };

/** @param wire makes an object's dependencies from its environment */
export function directoryObject(wire: (env: unknown) => DirectoryDeps) {
  return class Directory extends DurableObject implements DirectoryRpc {
    readonly deps = wire(this.env);
    readonly list = nameList({
      ...this.deps,
      stored: storedNames(this.ctx.storage),
      read: () => this.deps.names.read(),
    });
    readonly keys = keyList({ ...this.deps, kv: this.ctx.storage.kv, read: () => this.deps.keys.read() });
    readonly word = lastWord(
      this.deps.clock,
      () => readWord(this.deps),
      (error) => this.deps.log.error("readiness not read", { error }),
    );

    async names(version: string | null): Promise<NamesAnswer> {
      return await this.list.names(version);
    }

    async add(names: readonly string[]): Promise<{ knownInMs: number }> {
      return await this.list.add(names);
    }

    async confirm(): Promise<void> {
      await this.list.confirm();
    }

    async webhookKeys(version: string | null, maxAgeMs: number): Promise<KeysAnswer> {
      return await this.keys.webhookKeys(version, maxAgeMs);
    }

    async rereadWebhookKeys(): Promise<{ knownInMs: number }> {
      return await this.keys.rereadWebhookKeys();
    }

    async readiness(): Promise<ReadinessWord | null> {
      const word = await this.word();
      if (word?.worst?.code === "database_unavailable") await this.list.doubt();
      return word;
    }
  };
}
