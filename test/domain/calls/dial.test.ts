import { describe, expect, it } from "vitest";
import {
  type DialEnd,
  endOfDial,
  type LineEffect,
  notBegun,
  type PlaceAnswer,
} from "../../../src/domain/calls/dial.ts";

const placement = {
  conversationUuid: "conversation-1",
  contactUuid: "contact-1",
  mihuId: "call-1",
  listenUrl: "https://example.test/listen",
  recordUrl: null,
};

/** One answer of each kind: a kind that is missing here does not compile. */
const table: { [Kind in PlaceAnswer["kind"]]: [Extract<PlaceAnswer, { kind: Kind }>, DialEnd, LineEffect] } = {
  placed: [{ kind: "placed", ...placement }, { status: "placed", ...placement }, { kind: "none" }],
  refused: [
    { kind: "refused", status: 422, detail: "the number is invalid" },
    { status: "rejected", reason: "refused", detail: { status: 422, answer: "the number is invalid" } },
    { kind: "none" },
  ],
  rate_limited: [
    { kind: "rate_limited", waitMs: 7_000 },
    { status: "queued", reason: "rate_limited", detail: { wait_ms: 7_000 }, posted: true, waitMs: 7_000 },
    { kind: "hold", waitMs: 7_000 },
  ],
  about_us: [
    { kind: "about_us", reason: "unauthenticated", status: 401, detail: "Unauthenticated." },
    {
      status: "queued",
      reason: "line_paused",
      detail: { status: 401, cause: "unauthenticated" },
      posted: true,
      waitMs: 0,
    },
    { kind: "pause", reason: "unauthenticated", detail: "Unauthenticated." },
  ],
  unknown: [
    { kind: "unknown", reason: "timed_out", status: null, detail: "no answer in 30 s" },
    { status: "unknown", reason: "timed_out", detail: { status: null, answer: "no answer in 30 s" } },
    { kind: "none" },
  ],
};

describe("the end of a dial", () => {
  it.each(Object.entries(table))("%s: the call's end and what the line does", (_, [answer, end, effect]) => {
    expect(endOfDial(answer)).toEqual({ end, effect });
  });

  it("is queued again only where it is known that nothing rang", () => {
    const again = Object.entries(table).filter(([, [, end]]) => end.status === "queued");
    expect(again.map(([kind]) => kind)).toEqual(["rate_limited", "about_us"]);
  });

  it("of a call that was not begun is the queue, at once, and without a slot of the pace", () => {
    expect(notBegun("not_begun")).toEqual({
      status: "queued",
      reason: "not_begun",
      detail: {},
      posted: false,
      waitMs: 0,
    });
  });
});
