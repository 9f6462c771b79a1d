/** Calls, as their line needs them: one adapter over the statements of the files beside this one. */
import type { CallStore } from "../ports/line.ts";
import { claim, claimSeq } from "./claims.ts";
import { isRefusal, type Sql } from "./connection.ts";
import { holdLine, pauseLine, pauseOf, resumeLine, rewindow, windowsPassed } from "./line-state.ts";
import { lineOf } from "./lines.ts";
import { adopt, lookLater, openUnknown, othersOf, toReview } from "./reconciliations.ts";
import { record } from "./results.ts";
import { openByConversation, openToPoll, pollLater, settle } from "./settlements.ts";
import { ruleOf } from "./sources.ts";

/** @param sql gives the client; an object's may change between statements, after a drop. */
export function callStore(sql: () => Sql): CallStore {
  return {
    claimSeq: (line) => claimSeq(sql(), line),
    claim: (line, seq, max) => claim(sql(), line, seq, max),
    record: (line, results) => record(sql(), line, results),
    refuses: isRefusal,
    pauseLine: (line, reason, detail, actor) => pauseLine(sql(), line, reason, detail, actor),
    resumeLine: (line, actor, byPerson) => resumeLine(sql(), line, actor, byPerson),
    pauseOf: (line) => pauseOf(sql(), line),
    holdLine: (line, waitMs) => holdLine(sql(), line, waitMs),
    line: (slug) => lineOf(sql(), slug),
    windowsPassed: (line, limit) => windowsPassed(sql(), line, limit),
    rewindow: (line, windows) => rewindow(sql(), line, windows),
    openByConversation: (line, uuid) => openByConversation(sql(), line, uuid),
    openToPoll: (line, limit) => openToPoll(sql(), line, limit),
    settle: (settlements, actor) => settle(sql(), settlements, actor),
    pollLater: (polls) => pollLater(sql(), polls),
    openUnknown: (line, limit) => openUnknown(sql(), line, limit),
    othersOf: (call, found) => othersOf(sql(), call, found),
    adopt: (callId, adoption, actor) => adopt(sql(), callId, adoption, actor),
    toReview: (callId, doubt, actor) => toReview(sql(), callId, doubt, actor),
    lookLater: (callId, look, actor) => lookLater(sql(), callId, look, actor),
    ruleOf: (call) => ruleOf(sql(), call),
  };
}
