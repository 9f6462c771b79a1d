/** A claimed call and an open one: what the tests of a line's flows deviate from. */

import type { ClaimedCall } from "../../../src/ports/calling/claims.ts";
import type { OpenCall } from "../../../src/ports/calling/settlements.ts";
import { now, support } from "../../domain/scene.ts";

export const claimed: ClaimedCall = {
  id: "call-1",
  agent: support.agent,
  number: "+14155550100",
  about: "The customer waits.",
  prompt: null,
  promptOverwrite: false,
  greeting: null,
  openMs: null,
  claimSeq: 7,
  eventId: "event-1",
  rule: "call-me",
  try: 1,
};

export const open: OpenCall = {
  id: "call-1",
  line: "support",
  conversationUuid: "conversation-1",
  mihuId: "mihu-1",
  placedAt: now - 60_000,
  polls: 0,
  try: 1,
  source: "shop",
  rule: "call-me",
  ruleVersion: 3,
  number: "+14155550100",
  agent: support.agent,
  claimedAt: now - 61_000,
  ended: false,
  settled: false,
};
