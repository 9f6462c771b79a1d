import { describe, expect, test } from "vitest";
import { inboxStubs, lineStubs, notaryStub } from "../../src/objects/stubs.ts";
import { bareEvent } from "../bare-event.ts";

/** As workerd says it of a method that the object's code does not have. */
const notThere = () => Promise.reject(new TypeError('The RPC receiver does not implement the method "recheck".'));

function line(recheck: () => Promise<unknown>) {
  const asked: string[] = [];
  const note = (what: string) => async (slug: string) => void asked.push(`${what} ${slug}`);
  const object = { recheck, halt: note("halt"), poke: note("poke") };
  return { asked, lines: lineStubs(() => object as unknown as DurableObjectStub) };
}

describe("events of a request", () => {
  const verified = { secretId: null, sourceVersion: 1 };
  const event = bareEvent("00000001-0000-8000-8000-000000000000", { former: null });
  const accepted = { ok: true, acceptances: [{ id: event.id, duplicate: false, conflict: false }] };
  function inbox(acceptPrepared: () => Promise<unknown>) {
    const asked: string[] = [];
    const object = {
      async accept() {
        asked.push("accept");
        return accepted;
      },
      async acceptPrepared() {
        asked.push("acceptPrepared");
        return await acceptPrepared();
      },
    };
    return {
      asked,
      inboxes: inboxStubs(
        () => object as unknown as DurableObjectStub,
        () => 0,
      ),
    };
  }
  const ends = new Map();

  test("go prepared, and all of them are new", async () => {
    const { asked, inboxes } = inbox(async () => "all_new");
    expect(await inboxes.accept("shop", [{ ...event, verified }], { ends })).toEqual(accepted);
    expect(asked).toEqual(["acceptPrepared"]);
  });

  test("go as they are to an object of another version", async () => {
    for (const older of [notThere, async () => "other_columns"]) {
      const { asked, inboxes } = inbox(older);
      expect(await inboxes.accept("shop", [{ ...event, verified }], { ends })).toEqual(accepted);
      expect(asked).toEqual(["acceptPrepared", "accept"]);
    }
  });

  test("go as they are if they cannot be prepared, or their plan is waited for", async () => {
    const { asked, inboxes } = inbox(notThere);
    await inboxes.accept("shop", [event], { ends });
    await inboxes.accept("shop", [{ ...event, verified }], { waitForPlan: true });
    expect(asked).toEqual(["accept", "accept"]);
  });

  test("are not sent again to an object that failed otherwise: they may be stored", async () => {
    const { asked, inboxes } = inbox(() => Promise.reject(new Error("the object was reset")));
    await expect(inboxes.accept("shop", [{ ...event, verified }], { ends })).rejects.toThrow("reset");
    expect(asked).toEqual(["acceptPrepared"]);
  });
});

describe("a line that is asked to recheck", () => {
  test("has rechecked if its object says that it knows stops", async () => {
    const { asked, lines } = line(async () => "stops");
    expect([await lines.recheck("a"), asked]).toEqual(["rechecked", []]);
  });

  test("is older if its object gives back what it claimed, and says nothing of stops", async () => {
    const { asked, lines } = line(async () => undefined);
    expect([await lines.recheck("a"), asked]).toEqual(["older", []]);
  });

  test("is older if its object knows no recheck: it is halted, and woken for what still rings", async () => {
    const { asked, lines } = line(notThere);
    expect([await lines.recheck("a"), asked]).toEqual(["older", ["halt a", "poke a"]]);
  });

  test.each([
    ["fails", () => Promise.reject(new Error("the object was reset"))],
    ["has a mistake of its own", () => Promise.reject(new TypeError("x is not a function"))],
  ])("has not answered if its object %s, and nobody knows its version", async (_, recheck) => {
    const { asked, lines } = line(recheck);
    await expect(lines.recheck("stranger")).rejects.toThrow();
    expect(asked).toEqual([]);
  });

  test("is silent if its object fails, and is known to be of this version until it says otherwise", async () => {
    const away = () => Promise.reject(new Error("the object was reset"));
    const ask = (recheck: () => Promise<unknown>) => line(recheck).lines.recheck("known");
    expect(await ask(async () => "stops")).toBe("rechecked");
    expect(await ask(away)).toBe("silent");
    expect(await ask(notThere)).toBe("older");
    await expect(ask(away)).rejects.toThrow("reset");
    expect(await ask(async () => "stops")).toBe("rechecked");
    expect(await ask(async () => undefined)).toBe("older");
    await expect(ask(away)).rejects.toThrow("reset");
  });
});

describe("a poke of the notary", () => {
  /** A notary of which the first calls fail. */
  function reached(failures: number) {
    let calls = 0;
    let left = failures;
    const poke = async () => {
      calls++;
      if (left-- > 0) throw new Error("Durable Object reset because its code was updated.");
    };
    const clock = { now: 1_700_000_000_000 };
    return {
      stub: notaryStub(
        () => ({ poke }) as unknown as DurableObjectStub,
        () => clock.now,
      ),
      clock,
      calls: () => calls,
    };
  }

  test("stands for all of the next second", async () => {
    const { stub, clock, calls } = reached(0);
    for (let nth = 0; nth < 50; nth++) await stub.poke();
    expect(calls()).toBe(1);
    clock.now += 1_000;
    await stub.poke();
    expect(calls()).toBe(2);
  });

  test("is repeated at once if the object was reset under it", async () => {
    const { stub, calls } = reached(1);
    await stub.poke();
    await stub.poke();
    expect(calls()).toBe(2);
  });

  test("that is lost stands for nothing: the next goes through at once, and none rejects", async () => {
    const { stub, calls } = reached(2);
    await stub.poke();
    expect(calls()).toBe(2);
    await stub.poke();
    expect(calls()).toBe(3);
    await stub.poke();
    expect(calls()).toBe(3);
  });
});
