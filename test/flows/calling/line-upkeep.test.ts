import { describe, expect, it } from "vitest";
import { postponeClosed } from "../../../src/flows/calling/postpone.ts";
import { probePaused } from "../../../src/flows/calling/resume.ts";
import type { LinePauses } from "../../../src/ports/calling/line-pauses.ts";
import type { Voice } from "../../../src/ports/calling/voice.ts";
import type { WindowStore } from "../../../src/ports/calling/windows.ts";
import { at, hours, support } from "../../domain/scene.ts";
import { port } from "../ports.ts";

describe("calls whose calling hours are over", () => {
  const evening = at("2026-01-05T23:00:00Z");
  const postpone = async (given: Partial<WindowStore>) => {
    const moved: unknown[] = [];
    const windows = port<WindowStore>({
      windowsPassed: async () => [
        { id: "call-1", zones: ["America/New_York"] },
        { id: "call-2", zones: [] },
      ],
      line: async () => ({ ...support, hours: hours("09:00", "17:00") }),
      async rewindow(...args) {
        moved.push(args);
        return true;
      },
      ...given,
    });
    return { count: await postponeClosed({ clock: { now: () => evening }, windows }, "support"), moved };
  };

  it("get the next ones of their own zones; for one that never opens there are none", async () => {
    const window = { dueAt: at("2026-01-06T14:00:00Z"), closesAt: at("2026-01-06T22:00:00Z") };
    expect(await postpone({})).toEqual({
      count: 2,
      moved: [
        [
          { ...support, hours: hours("09:00", "17:00") },
          [
            { id: "call-1", window },
            { id: "call-2", window: null },
          ],
        ],
      ],
    });
  });

  it("are due at once on a line that has no hours any more", async () => {
    const { moved } = await postpone({ line: async () => support });
    expect(moved).toEqual([
      [support, ["call-1", "call-2"].map((id) => ({ id, window: { dueAt: evening, closesAt: null } }))],
    ]);
  });

  it("are not asked about when there are none, and stay where their line is gone", async () => {
    expect(await postpone({ windowsPassed: async () => [] })).toEqual({ count: 0, moved: [] });
    expect(await postpone({ line: async () => null })).toEqual({ count: 0, moved: [] });
  });
});

describe("a paused line", () => {
  const probe = async (reason: string | null, answer: boolean) => {
    const asked: string[] = [];
    const pauses = port<LinePauses>({
      pauseOf: async () => (reason === null ? null : { agent: "agent-1", reason }),
      async resumeLine(line, actor) {
        asked.push(`resume ${line} by ${actor}`);
        return true;
      },
    });
    const mihu = port<Voice>({
      async probe(agent) {
        asked.push(`probe ${agent}`);
        return answer;
      },
    });
    return [await probePaused({ pauses, voice: mihu }, "support"), asked];
  };

  it("resumes once Mihu answers the harmless question well", async () => {
    expect(await probe("unauthenticated", true)).toEqual([true, ["probe agent-1", "resume support by probe"]]);
  });

  it("stays paused while Mihu does not", async () => {
    expect(await probe("agent_missing", false)).toEqual([false, ["probe agent-1"]]);
  });

  it("by a person is resumed by a person only", async () => {
    expect(await probe("paused_by_person", true)).toEqual([false, []]);
  });

  it("that is not paused is not asked about", async () => {
    expect(await probe(null, true)).toEqual([false, []]);
  });
});
