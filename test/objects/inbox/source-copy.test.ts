import { describe, expect, it, vi } from "vitest";
import { inboxSourceCopy } from "../../../src/objects/inbox/source-copy.ts";
import { DeadlineExceeded } from "../../../src/platform/deadline.ts";
import type { LostVersions, SourceStore } from "../../../src/ports/ingest/sources.ts";
import type { SourceCopy } from "../../../src/ports/source-copy.ts";
import { port } from "../../flows/ports.ts";
import { sourceCopy } from "../../source-copy.ts";

const copy = (version: number, ...secrets: string[]) =>
  sourceCopy({ version, country: null, secrets: secrets.map((id) => ({ id, sealed: `jwe-${id}` })) });

class Away extends Error {}

/** An inbox's disk and Postgres, whose answers wait until they are let go. */
function stage(first: SourceCopy | null = copy(1, "a")) {
  const kv = new Map<string, unknown>();
  const there = {
    stored: first,
    away: false,
    reads: 0,
    gate: Promise.resolve() as Promise<void>,
    lost: [] as LostVersions[],
    logged: [] as string[],
  };
  const log = {
    debug: () => {},
    info: () => {},
    warn: (message: string) => void there.logged.push(message),
    error: (message: string) => void there.logged.push(message),
  };
  const sources = port<SourceStore>({
    async copy() {
      there.reads++;
      const answer = there.stored;
      await there.gate;
      if (there.away) throw new Away("Postgres is away");
      return answer;
    },
    async wentBack(_, lost) {
      there.lost.push(lost);
      if (there.stored !== null) there.stored = { ...there.stored, version: lost.known + 1, paused: true };
    },
  });
  const disk = {
    get: <T>(key: string) => kv.get(key) as T | undefined,
    put: (key: string, value: unknown) => void kv.set(key, value),
    delete: (key: string) => kv.delete(key),
  };
  const begin = () => inboxSourceCopy({ clock: { now: () => 0 }, sources, log }, disk, () => {});
  return { there, begin, kv };
}

describe("an inbox's copy of its source", () => {
  it("is loaded once at a time, and a load that is asked for during another begins after it", async () => {
    const { there, begin } = stage();
    const inbox = begin();
    let open = () => {};
    there.gate = new Promise((resolve) => {
      open = resolve;
    });
    const first = inbox.reload("shop");
    const second = Array.from({ length: 50 }, () => inbox.reload("shop"));
    there.stored = copy(2, "b");
    open();
    expect((await first)?.version).toBe(1);
    expect((await Promise.all(second)).map((one) => one?.version)).toEqual(Array(50).fill(2));
    // An older answer cannot come last: one flood costs two loads.
    expect(there.reads).toBe(2);
    expect((await inbox.describe("shop"))?.version).toBe(2);
  });

  it("is compared with Postgres when it is asked for the present one", async () => {
    const { there, begin } = stage();
    const inbox = begin();
    expect((await inbox.current("shop"))?.version).toBe(1);
    there.stored = copy(2, "a", "b");
    expect((await inbox.current("shop"))?.version).toBe(2);
    there.stored = null;
    expect(await inbox.current("shop")).toBeNull();
  });

  it("verifies while Postgres is down, and is not said to be the present one", async () => {
    const { there, begin } = stage();
    const inbox = begin();
    await inbox.describe("shop");
    there.away = true;
    expect((await inbox.describe("shop"))?.version).toBe(1);
    await expect(inbox.current("shop")).rejects.toThrow(Away);
    // Another instance finds it on the disk.
    expect((await begin().describe("shop"))?.version).toBe(1);
    await expect(begin().current("shop")).rejects.toThrow(Away);
    const empty = stage(null);
    empty.there.away = true;
    await expect(empty.begin().current("shop")).rejects.toThrow(Away);
  });

  it("does not answer while a Postgres that is there does not: a change may be under way", async () => {
    const { there, begin } = stage();
    const inbox = begin();
    await inbox.describe("shop");
    there.gate = new Promise(() => {});
    vi.useFakeTimers();
    try {
      const asked = expect(inbox.current("shop")).rejects.toThrow(DeadlineExceeded);
      await vi.advanceTimersByTimeAsync(1_000);
      await asked;
    } finally {
      vi.useRealTimers();
    }
  });

  it("of a higher version than Postgres has shows that Postgres was restored: the source pauses, and its secrets are named", async () => {
    const { there, begin } = stage(copy(7, "new"));
    await begin().describe("shop");
    there.stored = copy(4, "new", "old", "older");
    // An instance that was begun since knows it from its disk.
    const inbox = begin();
    expect(await inbox.reload("shop")).toMatchObject({ version: 8, paused: true });
    expect(there.lost).toEqual([{ known: 7, found: 4, activeAgain: ["old", "older"] }]);
    expect(there.logged).toEqual(["Postgres has an older version of the source: it was restored"]);
    expect(await inbox.describe("shop")).toMatchObject({ version: 8, paused: true });
    await inbox.reload("shop");
    expect(there.lost).toHaveLength(1);
  });

  it("stays if the pause of a restored source cannot be written, and the next load tries again", async () => {
    const { there, begin } = stage(copy(7, "new"));
    const inbox = begin();
    await inbox.describe("shop");
    there.stored = copy(4, "old");
    const { lost } = there;
    Object.defineProperty(there, "lost", {
      configurable: true,
      get() {
        throw new Away("Postgres is away");
      },
    });
    await expect(inbox.reload("shop")).rejects.toThrow(Away);
    expect((await inbox.describe("shop"))?.version).toBe(7);
    Object.defineProperty(there, "lost", { value: lost });
    expect((await inbox.reload("shop"))?.version).toBe(8);
  });
});
