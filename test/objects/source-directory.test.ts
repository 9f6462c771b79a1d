import { describe, expect, it } from "vitest";
import type { InboxRpc } from "../../src/objects/inbox/inbox.ts";
import { sourceDirectory } from "../../src/objects/source-directory.ts";
import { inboxStubs } from "../../src/objects/stubs.ts";
import type { SourceCopy } from "../../src/ports/source-copy.ts";
import { port } from "../flows/ports.ts";
import { sourceCopy } from "../source-copy.ts";

const copy = (version: number, slug = "shop", more: Partial<SourceCopy> = {}) =>
  sourceCopy({ slug, version, country: null, secrets: [{ id: "s", sealed: "jwe" }], ...more });

describe("an isolate's copies of sources", () => {
  it("never go back to an answer that was on its way while the source was changed", () => {
    const directory = sourceDirectory();
    const early = directory.ticket();
    directory.forget("shop");
    directory.store("shop", copy(1), early, 0);
    expect(directory.known("shop", 0)).toBeUndefined();
    directory.store("shop", copy(2), directory.ticket(), 0);
    expect(directory.known("shop", 0)?.copy.version).toBe(2);
  });

  it("keep the newer of two answers that crossed, and take a lower version that was asked for later", () => {
    const directory = sourceDirectory();
    const [one, two] = [directory.ticket(), directory.ticket()];
    directory.store("shop", copy(8), two, 0);
    directory.store("shop", copy(7), one, 0);
    expect(directory.known("shop", 0)?.copy.version).toBe(8);
    // Postgres was restored.
    directory.store("shop", copy(3), directory.ticket(), 0);
    expect(directory.known("shop", 0)?.copy.version).toBe(3);
    directory.store("shop", null, directory.ticket(), 5);
    expect([directory.known("shop", 5), directory.isMissing("shop", 5)]).toEqual([undefined, true]);
  });

  it("ask for the present copy at most five times in any second, each source by itself", () => {
    const directory = sourceDirectory();
    const asked = (slug: string, at: number) => directory.mayAsk(slug, at);
    expect([0, 0, 100, 200, 300, 400, 999].map((at) => asked("shop", at))).toEqual([
      ...[true, true, true, true, true],
      ...[false, false],
    ]);
    expect(asked("other", 400)).toBe(true);
    // The first two are a second old.
    expect([1_000, 1_000, 1_000, 1_100].map((at) => asked("shop", at))).toEqual([true, true, false, true]);
  });
});

/** Inboxes of which each method is given; the isolate's clock advances by a minute for each, so that no copy is fresh. */
let minutes = 0;
function stubs(inbox: Partial<InboxRpc>) {
  const reached: string[] = [];
  minutes += 1;
  const made = inboxStubs(
    (name) => {
      reached.push(name);
      return port<InboxRpc>(inbox) as unknown as DurableObjectStub;
    },
    () => minutes * 60_000,
  );
  return { inboxes: made, reached };
}

describe("asking for the present copy", () => {
  it.each([
    ["same", { kind: "same" }],
    [copy(5), { kind: "changed", source: copy(5) }],
    [null, { kind: "gone" }],
  ] as const)("gives what the inbox answers: %o", async (answer, end) => {
    const { inboxes } = stubs({ current: async () => answer as SourceCopy | "same" | null });
    expect(await inboxes.current(copy(4))).toEqual(end);
  });

  it("of an object of an earlier version loads its copy anew", async () => {
    const done: string[] = [];
    const missing = () => Promise.reject(new TypeError('The RPC receiver does not implement the method "current".'));
    const { inboxes } = stubs({
      current: missing,
      refresh: async () => {
        done.push("refresh");
        return { olderCopiesMs: null };
      },
      describe: async () => copy(4),
    });
    expect(await inboxes.current(copy(4))).toEqual({ kind: "same" });
    expect(await inboxes.current(copy(3))).toEqual({ kind: "changed", source: copy(4) });
    expect(done).toHaveLength(2);
  });

  it("is refused past its limit without a call, and a failure is thrown", async () => {
    let calls = 0;
    const { inboxes } = stubs({
      async current() {
        calls++;
        throw new Error("the object is away");
      },
    });
    for (let nth = 0; nth < 5; nth++) await expect(inboxes.current(copy(1, "flood"))).rejects.toThrow("away");
    expect(await inboxes.current(copy(1, "flood"))).toEqual({ kind: "unknown" });
    expect(calls).toBe(5);
  });
});

describe("a refresh", () => {
  it("reaches as many inboxes as the change says, and fails where one does not confirm", async () => {
    const { inboxes, reached } = stubs({ refresh: async () => ({ olderCopiesMs: null }) });
    expect(await inboxes.refresh("wide", 4)).toBeNull();
    expect(reached).toEqual(["wide", "wide/1", "wide/2", "wide/3"]);
    let nth = 0;
    const failing = stubs({
      refresh: async () => {
        if (nth++ === 1) throw new Error("the object is away");
        return { olderCopiesMs: null };
      },
    });
    await expect(failing.inboxes.refresh("wide", 3)).rejects.toThrow("the object is away");
    expect(failing.reached).toHaveLength(3);
  });

  it("says until when older copies may be used: the latest time of all inboxes, a minute for one of an earlier version", async () => {
    /** The clock of the stubs stands still. */
    const untilOf = async (...answers: ({ olderCopiesMs: number | null } | undefined)[]) => {
      let nth = 0;
      const { inboxes } = stubs({ refresh: async () => answers[nth++] as { olderCopiesMs: number | null } });
      const until = await inboxes.refresh("wide", answers.length);
      return until === null ? null : until - minutes * 60_000;
    };
    expect(await untilOf({ olderCopiesMs: null }, { olderCopiesMs: null })).toBeNull();
    expect(await untilOf({ olderCopiesMs: 400 }, { olderCopiesMs: 21_000 }, { olderCopiesMs: null })).toBe(21_000);
    expect(await untilOf({ olderCopiesMs: null }, undefined, { olderCopiesMs: 31_000 })).toBe(60_000);
  });

  it("ends before the isolate asks again, and an answer from before it is not kept", async () => {
    let version = 1;
    let answer: (copy: SourceCopy) => void = () => {};
    const slow = stubs({
      describe: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
      refresh: async () => {
        version++;
        return { olderCopiesMs: null };
      },
    });
    const early = slow.inboxes.describe("crossed");
    await slow.inboxes.refresh("crossed", 1);
    answer(copy(1, "crossed"));
    expect((await early)?.version).toBe(1);
    const late = slow.inboxes.describe("crossed");
    answer(copy(version, "crossed"));
    expect((await late)?.version).toBe(2);
  });
});
