import { Hono } from "hono";
import type { TranscriptCut } from "../../../ports/calling/transcripts.ts";
import { iso } from "../../../views/moment.ts";
import { actorOf } from "../../../views/reader.ts";
import { allow } from "../../auth/authenticate.ts";
import type { ApiDeps, AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";
import { isUuid } from "../../uuid.ts";
import { transcriptQuery } from "../schemas/people.ts";
import { query } from "../validate.ts";

const cutTexts: Readonly<Record<TranscriptCut["why"], string>> = {
  long: "The conversation is longer than one answer.",
  late: "Mihu was too slow to give the rest in time.",
  failed: "Mihu did not give the rest.",
};

/** Why nothing was read. */
const refused = {
  empty: () => problem("no_transcript"),
  unknown: () => problem("not_at_mihu"),
  late: () => problem("mihu_refused", { detail: "Mihu did not give the transcript in time. Ask again in a moment." }),
  away: () => problem("mihu_refused", { detail: "Mihu did not give the transcript. Ask again in a moment." }),
};

const noCall = { detail: "There is no call of this id." };

/**
 * `/v1/calls/:id/transcript` and `/v1/calls/:id/listen`: what is said in a call, read from Mihu when somebody asks.
 * Nothing of it is stored. Each request writes an entry before anything is given.
 */
export function transcriptRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();

  app.get("/:id/transcript", allow("pii:read"), query(transcriptQuery), async (c) => {
    const { deps, reader } = c.var;
    const call = await callOf(deps, c.req.param("id"));
    if (call === null) return problem("not_found", noCall);
    if (call.erasedAt !== null || call.conversationUuid === null) return problem("no_transcript");
    const read = await deps.transcripts.read(call.conversationUuid, call.mihuId, Number(c.req.valid("query").cursor));
    if (!read.ok) return refused[read.reason]();
    await note(deps, call.id, "transcript_read", actorOf(reader));
    const { utterances, cut, ofCall } = read.transcript;
    return c.json({
      call_id: call.id,
      utterances: utterances.map(({ speaker, at, text }) => ({ speaker, at: iso(at), text })),
      complete: cut === null,
      cut: cut === null ? null : { reason: cut.why, detail: cutTexts[cut.why] },
      next_cursor: cut === null ? null : String(cut.nextPage),
      only_this_call: ofCall,
    });
  });

  app.get("/:id/listen", allow("pii:read"), async (c) => {
    const { deps, reader } = c.var;
    const call = await callOf(deps, c.req.param("id"));
    if (call === null) return problem("not_found", noCall);
    if (call.status !== "placed" || call.listenUrl === null) return problem("not_live");
    if (!deps.allowLink(call.listenUrl)) return problem("link_not_allowed");
    await note(deps, call.id, "listened", actorOf(reader));
    // The URL in the form that the check parsed. A browser could read the original text as another address.
    return c.redirect(new URL(call.listenUrl).href, 302);
  });
  return app;
}

async function callOf({ stores }: ApiDeps, id: string) {
  return isUuid(id) ? await stores.lookups.call(id.toLowerCase()) : null;
}

async function note({ stores }: ApiDeps, call: string, action: string, actor: string): Promise<void> {
  await stores.lookups.noteRead({ subject: "call", subjectId: call, action, actor, reason: null, data: {} });
}
