/** Ends calls: after their time, by a hang-up, or on a test's request. */
import { spanMs } from "./chance.ts";
import type { Deliveries } from "./deliver.ts";
import type { Faults } from "./faults.ts";
import type { Timers } from "./timers.ts";
import type { MihuConversation, MihuOutcome, Session } from "./types.ts";

/** Twilio's statuses, which Mihu is believed to pass on. A voicemail counts as completed. */
const END_STATUS: Record<Exclude<MihuOutcome, "never">, string> = {
  completed: "completed",
  voicemail: "completed",
  no_answer: "no-answer",
  busy: "busy",
  failed: "failed",
  canceled: "canceled",
};

type Live = { conversation: MihuConversation; session: Session };

export type Endings = {
  /** Starts the clock of a call that has just rung. */
  watch: (conversation: MihuConversation, session: Session) => void;
  /** Ends one live call now, with another outcome if one is given; false when it is not live. */
  end: (callUuid: string, outcome?: MihuOutcome) => boolean;
  /** The uuids of the calls that have not ended. */
  live: () => string[];
  clear: () => void;
};

/** No live calls. */
export function createEndings(faults: Faults, timers: Timers, deliveries: Deliveries): Endings {
  const live = new Map<string, Live>();

  function end(callUuid: string, outcome?: MihuOutcome): boolean {
    const call = live.get(callUuid);
    if (call === undefined) return false;
    const { conversation, session } = call;
    const became = outcome ?? session.outcome;
    if (became === "never") return false;
    live.delete(callUuid);
    const now = Date.now();
    session.outcome = became;
    session.status = END_STATUS[became];
    session.endedAt = now;
    conversation.updatedAt = now;
    if (session.ring !== null) {
      session.ring.endedAt = now;
      session.ring.outcome = became;
    }
    deliveries.announceEnd(conversation, session);
    return true;
  }

  function watch(conversation: MihuConversation, session: Session): void {
    live.set(session.callUuid, { conversation, session });
    deliveries.announceStart(conversation, session);
    if (session.outcome === "never") return;
    const settings = faults.settings();
    const lasts = settings.outcome_ms[session.outcome] ?? settings.call_ms;
    timers.after(spanMs(lasts, faults.draw("call_ms", session.ordinal)), () => end(session.callUuid));
  }

  return { watch, end, live: () => [...live.keys()], clear: () => live.clear() };
}
