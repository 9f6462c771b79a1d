/** Decisions about one call. */
import type { CallView } from "../../views/calls/call.ts";
import type { Act, ActPage } from "../forms/act.tsx";
import { reasonField } from "../forms/fields.tsx";
import type { PageContext } from "../page.ts";
import { Quoted, Status } from "../parts/bits.tsx";
import { isId } from "../parts/id.ts";
import { callSentence } from "../parts/words.ts";

/** @returns The call that the address names; null if there is none. */
async function callOf(c: PageContext): Promise<CallView | null> {
  const id = c.req.param("id") ?? "";
  const story = isId(id) ? await c.var.page.lookups(c.var.reader).call(id.toLowerCase()) : null;
  return story?.call ?? null;
}

/** The call, as each of its decisions shows it. */
function About({ call }: { call: CallView }) {
  return (
    <p>
      <Status call={call} /> {call.order_number === null ? "A call" : <Quoted text={`Order ${call.order_number}`} />}:{" "}
      {callSentence(call)}
    </p>
  );
}

async function pageOf(
  c: PageContext,
  more: Pick<ActPage, "title" | "fields" | "button" | "final"> & { says: string },
): Promise<ActPage | null> {
  const call = await callOf(c);
  if (call === null) return null;
  const back = {
    path: `/calls/${call.id}`,
    name: call.order_number === null ? "The call" : `Call about ${call.order_number}`,
  };
  const says = (
    <>
      <About call={call} />
      <p>{more.says}</p>
    </>
  );
  return { ...more, says, back };
}

function path(c: PageContext, verb: string): string {
  return `/v1/calls/${c.req.param("id") ?? ""}/${verb}`;
}

/** @returns The page of the call that the API's answer names, which may be a further try. */
function after(c: PageContext, body: unknown, did: string): string {
  const id = (body as { id?: unknown } | null)?.id;
  return `/calls/${typeof id === "string" ? id : (c.req.param("id") ?? "")}?did=${did}`;
}

const cancel: Act = {
  path: "/calls/:id/cancel",
  scopes: ["calls:write"],
  page: (c) =>
    pageOf(c, {
      title: "Cancel this call?",
      says: "It will not ring. If its line has sent it to Mihu already, it cannot be stopped, and this page will say so.",
      fields: [reasonField],
      button: "Cancel the call",
      final: true,
    }),
  request: (c, form) => ({ method: "POST", path: path(c, "cancel"), body: { reason: form.get("reason") ?? "" } }),
  done: (c, body) => after(c, body, "canceled"),
};

export const callActs: readonly Act[] = [cancel];
