/** Calls, as their line needs them: one adapter over the statements of the files beside this one. */
import type { CallStore } from "../../ports/calling/line.ts";
import { findLine } from "../config/lines.ts";
import { ruleOf } from "../config/sources.ts";
import { isRefusal, type Sql } from "../postgres/connection.ts";
import { claim, claimedBy, claimSeq } from "./claims.ts";
import {
  holdLine,
  pauseAll,
  pauseLine,
  pauseOf,
  resumeAll,
  resumeLine,
  rewindow,
  windowsPassed,
} from "./line-state.ts";
import { adopt, lookLater, openUnknown, othersOf, toReview } from "./reconciliations.ts";
import { keepReports } from "./reports.ts";
import { record } from "./results.ts";
import {
  joinConversation,
  noteForeign,
  ofConversations,
  openToPoll,
  pollLater,
  pollNow,
  settle,
  stopTries,
} from "./settlements.ts";
import { wentBack } from "./went-back.ts";

/** @param sql gives the client; an object's may change between statements, after a drop. */
export function callStore(sql: () => Sql): CallStore {
  return {
    claimSeq: (line) => claimSeq(sql(), line),
    claim: (line, seq, max, journal) => claim(sql(), line, seq, max, journal),
    claimedBy: (line, journal) => claimedBy(sql(), line, journal),
    wentBack: (line, behind, rung, actor) => wentBack(sql(), line, behind, rung, actor),
    record: (line, results) => record(sql(), line, results),
    refuses: isRefusal,
    pauseLine: (line, reason, detail, actor) => pauseLine(sql(), line, reason, detail, actor),
    resumeLine: (line, actor, byPerson, reason) => resumeLine(sql(), line, actor, byPerson, reason),
    pauseAll: (detail, actor) => pauseAll(sql(), detail, actor),
    resumeAll: (reason, actor) => resumeAll(sql(), reason, actor),
    pauseOf: (line) => pauseOf(sql(), line),
    holdLine: (line, waitMs) => holdLine(sql(), line, waitMs),
    line: (slug) => findLine(sql(), slug),
    windowsPassed: (line, limit) => windowsPassed(sql(), line, limit),
    rewindow: (line, windows) => rewindow(sql(), line, windows),
    ofConversations: (uuids) => ofConversations(sql(), uuids),
    openToPoll: (line, limit) => openToPoll(sql(), line, limit),
    joinConversation: (callId, conversation, actor) => joinConversation(sql(), callId, conversation, actor),
    pollNow: (line, mihuIds) => pollNow(sql(), line, mihuIds),
    settle: (settlements, actor) => settle(sql(), settlements, actor),
    noteForeign: (foreign, actor) => noteForeign(sql(), foreign, actor),
    stopTries: (callId, act) => stopTries(sql(), callId, act),
    keepReports: (line, reports) => keepReports(sql(), line, reports),
    pollLater: (polls) => pollLater(sql(), polls),
    openUnknown: (line, limit) => openUnknown(sql(), line, limit),
    othersOf: (call, found) => othersOf(sql(), call, found),
    adopt: (callId, adoption, actor) => adopt(sql(), callId, adoption, actor),
    toReview: (callId, doubt, actor) => toReview(sql(), callId, doubt, actor),
    lookLater: (callId, look, actor) => lookLater(sql(), callId, look, actor),
    ruleOf: (call) => ruleOf(sql(), call),
  };
}
