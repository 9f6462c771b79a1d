import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type GroupLimits, groupCommit } from "../../src/platform/group-commit.ts";

const wide: GroupLimits = { weightMax: 1_000, itemsMax: 100, waitingMax: 1_000, waitingWeightMax: 1_000, lingerMs: 0 };

/** A group whose commits end when the test says so. */
function stage(limits: Partial<GroupLimits> = {}) {
  const commits: {
    items: readonly string[];
    end: (results?: readonly string[]) => void;
    fail: (error: Error) => void;
  }[] = [];
  const group = groupCommit<string, string>(
    (items) =>
      new Promise((resolve, reject) => {
        commits.push({ items, end: (results = items.map((item) => `${item}!`)) => resolve(results), fail: reject });
      }),
    { ...wide, ...limits },
  );
  return { group, commits, batches: () => commits.map(({ items }) => items.join("")) };
}

/** Lets everything go on that waits for nothing but its turn. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("a group commit", () => {
  it("commits the first at once, and all that arrive meanwhile together, in their order", async () => {
    const { group, commits, batches } = stage();
    const results = ["a", "b", "c", "d"].map((item) => group.add(item, 1));
    expect(batches()).toEqual(["a"]);
    commits[0]?.end();
    await settled();
    expect(batches()).toEqual(["a", "bcd"]);
    commits[1]?.end();
    expect(await Promise.all(results)).toEqual(["a!", "b!", "c!", "d!"]);
    expect(group.size()).toBe(0);
  });

  it("never has two commits under way", async () => {
    let running = 0;
    let most = 0;
    const group = groupCommit<number, number>(async (items) => {
      most = Math.max(most, ++running);
      await settled();
      running--;
      return items;
    }, wide);
    const given = Array.from({ length: 500 }, (_, index) => index);
    expect(await Promise.all(given.map((item) => group.add(item, 1)))).toEqual(given);
    expect(most).toBe(1);
  });

  it("that somebody asks for while another is under way waits for it", () => {
    const { group, batches } = stage();
    void group.add("a", 1);
    void group.add("b", 1);
    group.flush();
    expect(batches()).toEqual(["a"]);
  });

  it("gives each its own result, also when it asks for more within a result", async () => {
    const { group, commits, batches } = stage();
    const again = group.add("a", 1).then((result) => group.add(result, 1));
    commits[0]?.end();
    await settled();
    expect(batches()).toEqual(["a", "a!"]);
    commits[1]?.end();
    expect(await again).toBe("a!!");
  });

  it.each<[string, Partial<GroupLimits>, [string, number][], string[]]>([
    [
      "as many as one commit takes",
      { itemsMax: 2 },
      [
        ["b", 1],
        ["c", 1],
        ["d", 1],
      ],
      ["a", "bc", "d"],
    ],
    [
      "as much as one commit takes",
      { weightMax: 10 },
      [
        ["b", 6],
        ["c", 4],
        ["d", 1],
      ],
      ["a", "bc", "d"],
    ],
    [
      "one that is too heavy for any commit, alone",
      { weightMax: 10 },
      [
        ["b", 1],
        ["c", 50],
        ["d", 1],
      ],
      ["a", "b", "c", "d"],
    ],
    [
      "one that is too heavy, though it comes first",
      { weightMax: 10 },
      [
        ["b", 50],
        ["c", 1],
      ],
      ["a", "b", "c"],
    ],
  ])("takes %s", async (_, limits, items, expected) => {
    const { group, commits, batches } = stage(limits);
    const results = [group.add("a", 1), ...items.map(([item, weight]) => group.add(item, weight))];
    for (let index = 0; index < expected.length; index++) {
      commits[index]?.end();
      await settled();
    }
    expect(batches()).toEqual(expected);
    await Promise.all(results);
  });

  it("that fails tells everybody in it, and the next continues", async () => {
    const { group, commits, batches } = stage();
    const first = group.add("a", 1);
    const others = [group.add("b", 1), group.add("c", 1)];
    const failures = Promise.allSettled([first, ...others.slice(0, 0)]);
    commits[0]?.fail(new Error("away"));
    expect((await failures)[0]).toMatchObject({ status: "rejected", reason: { message: "away" } });
    await settled();
    expect(batches()).toEqual(["a", "bc"]);
    commits[1]?.fail(new Error("away again"));
    for (const one of await Promise.allSettled(others))
      expect(one).toMatchObject({ reason: { message: "away again" } });
    expect(group.size()).toBe(0);
    void group.add("d", 1);
    expect(batches()).toEqual(["a", "bc", "d"]);
  });

  it("that throws before it begins is a failure like any other", async () => {
    const group = groupCommit<string, string>(() => {
      throw new Error("at once");
    }, wide);
    await expect(group.add("a", 1)).rejects.toThrow("at once");
    await expect(group.add("b", 1)).rejects.toThrow("at once");
  });

  it("that gives too few results keeps nobody waiting", async () => {
    const { group, commits } = stage();
    const first = group.add("a", 1);
    const others = [group.add("b", 1), group.add("c", 1)];
    commits[0]?.end();
    await first;
    await settled();
    commits[1]?.end(["only one"]);
    const [b, c] = await Promise.allSettled(others);
    expect(b).toEqual({ status: "fulfilled", value: "only one" });
    expect(c).toMatchObject({
      status: "rejected",
      reason: { message: "a commit gave fewer results than it had items" },
    });
  });

  it("that holds too much weight refuses more of it, but never the only item", async () => {
    const { group, commits } = stage({ waitingWeightMax: 10 });
    const heavy = group.add("a", 50);
    await expect(group.add("b", 1)).rejects.toMatchObject({ code: "GROUP_FULL" });
    commits[0]?.end();
    expect(await heavy).toBe("a!");
    await settled();
    const light = [group.add("c", 5), group.add("d", 5)];
    await expect(group.add("e", 1)).rejects.toMatchObject({ code: "GROUP_FULL" });
    commits[1]?.end();
    await settled();
    commits[2]?.end();
    expect(await Promise.all(light)).toEqual(["c!", "d!"]);
  });

  it("that is full refuses one more, loses none, and takes again when there is room", async () => {
    const { group, commits } = stage({ waitingMax: 3 });
    const taken = ["a", "b", "c"].map((item) => group.add(item, 1));
    expect(group.size()).toBe(3);
    await expect(group.add("d", 1)).rejects.toMatchObject({ code: "GROUP_FULL" });
    commits[0]?.end();
    await settled();
    const later = group.add("e", 1);
    commits[1]?.end();
    await settled();
    commits[2]?.end();
    expect(await Promise.all([...taken, later])).toEqual(["a!", "b!", "c!", "e!"]);
  });
});

describe("a group that lingers", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("waits a moment for company", () => {
    const { group, batches } = stage({ lingerMs: 25 });
    void group.add("a", 1);
    vi.advanceTimersByTime(24);
    void group.add("b", 1);
    expect(batches()).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(batches()).toEqual(["ab"]);
  });

  it("waits no longer once a commit is full, or somebody asks", () => {
    const full = stage({ lingerMs: 25, itemsMax: 2 });
    void full.group.add("a", 1);
    void full.group.add("b", 1);
    expect(full.batches()).toEqual(["ab"]);
    const asked = stage({ lingerMs: 25 });
    void asked.group.add("a", 1);
    asked.group.flush();
    expect(asked.batches()).toEqual(["a"]);
    // The timer that was set must not begin another.
    vi.advanceTimersByTime(100);
    expect(asked.batches()).toEqual(["a"]);
  });

  it("waits again for company of those who came during a commit", async () => {
    const { group, commits, batches } = stage({ lingerMs: 25 });
    void group.add("a", 1);
    vi.advanceTimersByTime(25);
    void group.add("b", 1);
    commits[0]?.end();
    await settled();
    void group.add("c", 1);
    expect(batches()).toEqual(["a"]);
    vi.advanceTimersByTime(25);
    expect(batches()).toEqual(["a", "bc"]);
  });

  it("asked for nothing does nothing", () => {
    const { group, batches } = stage({ lingerMs: 25 });
    group.flush();
    expect(batches()).toEqual([]);
  });
});
