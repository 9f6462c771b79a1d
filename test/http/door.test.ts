import { describe, expect, it } from "vitest";
import { createDoor, type DoorDeps } from "../../src/http/door.ts";
import { eventId, randomId, sha256Hex } from "../../src/platform/hashes.ts";
import { port } from "../flows/ports.ts";

/** The door with one line; its object answers, or fails, as given. */
function door(news: () => Promise<boolean>) {
  const warned: string[] = [];
  const deps = port<DoorDeps>({
    log: {
      debug() {},
      info() {},
      warn: (message) => void warned.push(message),
      error: (message) => void warned.push(message),
    },
    isAway: () => false,
    outcomes: {
      clock: { now: () => 1_767_636_000_000 },
      identity: { eventId, sha256Hex, randomId },
      lines: port<DoorDeps["outcomes"]["lines"]>({ news }),
      webhooks: {
        lineOf: async () => ({ slug: "support", sealedSecret: null, settings: null }),
        verify: async () => ({ ok: true }),
        read: () => ({ ok: true, reports: [] }),
      },
    },
  });
  const app = createDoor(() => deps);
  const tell = async () => await app.fetch(new Request("http://hookline/in/mihu/key", { method: "POST", body: "{}" }));
  return { tell, warned };
}

describe("an outcome webhook", () => {
  it.each<[string, () => Promise<boolean>]>([
    ["whose line's object throws", () => Promise.reject(new Error("the object was reset"))],
    ["for which there is no room", async () => false],
  ])("%s is answered so that its sender sends it again", async (_, news) => {
    const answer = await door(news).tell();
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await answer.json()).toMatchObject({ code: "unavailable" });
  });

  it("that could not be handed over leaves a line in the log, and one without room does not", async () => {
    const [thrown, full] = [door(() => Promise.reject(new Error("reset"))), door(async () => false)];
    await Promise.all([thrown.tell(), full.tell()]);
    expect([thrown.warned, full.warned]).toEqual([["an outcome webhook was not stored"], []]);
  });

  it("that is kept is acknowledged", async () => {
    expect((await door(async () => true).tell()).status).toBe(202);
  });
});
