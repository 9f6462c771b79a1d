/** Decisions about an order: a note, and a call by hand. */
import { orderNumberCharactersMax } from "../../domain/limits.ts";
import { apiSource } from "../../domain/plan/direct-call.ts";
import type { CallView } from "../../views/calls/call.ts";
import type { OrderView } from "../../views/calls/call-lookup.ts";
import { seesAll } from "../../views/reader.ts";
import type { Act } from "../forms/act.tsx";
import type { Field } from "../forms/fields.tsx";
import { type PageContext, readApi } from "../page.ts";
import { Hidden } from "../parts/bits.tsx";
import { orderPath } from "./order-page.tsx";

/** Characters of a note. */
const noteCharactersMax = 2_000;

function orderNumberOf(c: PageContext): string {
  return (c.req.query("order_number") ?? "").trim().slice(0, orderNumberCharactersMax);
}

async function orderOf(c: PageContext): Promise<OrderView | null> {
  const wanted = orderNumberOf(c);
  if (wanted === "") return null;
  const order = await readApi<OrderView>(c, `/v1/orders?order_number=${encodeURIComponent(wanted)}`);
  return order.sources.length === 0 ? null : order;
}

const back = (c: PageContext) => ({ path: orderPath(orderNumberOf(c)), name: `Order ${orderNumberOf(c)}` });

const note: Act = {
  path: "/orders/notes",
  scopes: ["calls:write"],
  async page(c) {
    const order = await orderOf(c);
    if (order === null) return null;
    return {
      title: `A note on order ${orderNumberOf(c)}`,
      says: (
        <p>
          Everybody who may read texts sees the note in the order's timeline, with your token's name. It cannot be
          changed later. Its text is erased with the data of the order's customer, so name nobody else in it.
        </p>
      ),
      fields: [
        { kind: "text", name: "text", label: "Note", required: true, charactersMax: noteCharactersMax, rows: 5 },
        sourceField(order.sources.flatMap(({ source }) => (source === apiSource ? [] : [source]))),
      ],
      button: "Add the note",
      back: back(c),
    };
  },
  request: (c, form) => ({
    method: "POST",
    path: "/v1/orders/notes",
    body: {
      ...{ order_number: orderNumberOf(c), text: form.get("text") ?? "" },
      ...(form.get("source") ? { source: form.get("source") } : {}),
    },
  }),
  done: (c) => `${orderPath(orderNumberOf(c))}&did=noted`,
};

/** A number that several sources know is more than one order: an erasure of one customer takes the notes of one. */
function sourceField(sources: readonly string[]): Field {
  const [only = ""] = sources;
  if (sources.length === 1) return { kind: "kept", name: "source", value: only };
  return {
    ...{ kind: "choice", name: "source", label: "Order of", value: "" },
    choices: [
      ...sources.map((source) => ({ value: source, label: source })),
      { value: "", label: "all these sources" },
    ],
  };
}

const call: Act = {
  path: "/orders/call",
  scopes: ["calls:write"],
  async page(c) {
    const order = await orderOf(c);
    if (order === null) return null;
    return {
      title: `Call now about order ${orderNumberOf(c)}`,
      says: (
        <>
          <p>
            The call goes through every gate of its line: hours, pace, countries, suppressions. It is held if the same
            number was called about this order within 15 minutes, unless you tick the box below.
          </p>
          {seesAll(c.var.reader) ? null : <Hidden what="The number and the texts of earlier calls" />}
        </>
      ),
      fields: callFields(proposedBy(order.calls), seesAll(c.var.reader)),
      button: "Place the call",
      back: back(c),
    };
  },
  request(c, form) {
    const text = (name: string) => (form.get(name) ?? "").trim();
    const given = (name: string) => (text(name) === "" ? {} : { [name]: text(name) });
    const again = form.get("again") === "true";
    return {
      method: "POST",
      path: "/v1/calls",
      body: {
        ...{ line: text("line"), number: text("number"), about: text("about"), order_number: orderNumberOf(c) },
        ...given("greeting"),
        ...(text("prompt") === ""
          ? {}
          : { prompt: { text: text("prompt"), overwrite: form.get("overwrite") === "true" } }),
        ...(again ? { again: true, reason: text("reason") } : {}),
      },
    };
  },
  done(c, body) {
    const { id, status } = body as { id: string | null; status: string | null };
    if (id === null) return `${orderPath(orderNumberOf(c))}&did=called_later`;
    // A gate may have stopped the call, or held it. Its page says so.
    return status === "queued" ? `/calls/${id}?did=called` : `/calls/${id}`;
  },
};

/**
 * The call whose line and texts are proposed: the newest one of the order. If a gate stopped that one before it had texts,
 * an earlier one of its source: another source's order of this number is another customer's.
 */
function proposedBy([newest, ...earlier]: readonly CallView[]): CallView | undefined {
  if (newest === undefined || newest.about !== null || newest.erased_at !== null) return newest;
  return earlier.find(({ source, about }) => source === newest.source && about !== null) ?? newest;
}

/** @param isShown Whether the reader may see the number and the texts. Masked ones are not proposed. */
function callFields(newest: CallView | undefined, isShown: boolean): readonly Field[] {
  const plainText = (text: string | null | undefined): string => (isShown ? (text ?? "") : "");
  const prompt = plainText(newest?.prompt);
  return [
    { kind: "line", name: "line", label: "Line", required: true, value: newest?.line ?? "" },
    {
      ...{ kind: "line", name: "number", label: "Phone number", required: true, value: plainText(newest?.number) },
      hint: "With its calling code, such as +1 415 555 0100.",
    },
    {
      ...{ kind: "text", name: "about", label: "About the customer", required: true, rows: 5 },
      ...{ value: plainText(newest?.about), hint: "The agent knows this about the call." },
    },
    {
      ...{ kind: "text", name: "prompt", label: "Prompt", rows: 3, value: prompt },
      hint: "It is added to the agent's own prompt, unless it replaces that.",
    },
    {
      ...{ kind: "check", name: "overwrite", label: "The prompt replaces the agent's own" },
      // A prompt that somebody types here is an addition.
      value: String(prompt !== "" && newest?.prompt_overwrite === true),
    },
    {
      ...{ kind: "line", name: "greeting", label: "Greeting", value: plainText(newest?.greeting) },
      hint: "Empty: the agent's own.",
    },
    { kind: "check", name: "again", label: "Ring even if the number was called about this within 15 minutes" },
    { kind: "line", name: "reason", label: "Reason, if it rings again", charactersMax: 500 },
  ];
}

export const orderActs: readonly Act[] = [note, call];
