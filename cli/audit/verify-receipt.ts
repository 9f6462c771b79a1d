// `hookline verify-receipt`: prints the facts that a receipt proves, with the public keys alone.
import { parseArgs } from "node:util";
import * as z from "zod";
import { type CallReceipt, isCommitted, isLedTo, walkPiece } from "../../src/domain/audit/receipt.ts";
import { receiptType } from "../../src/flows/audit/receipt.ts";
import { commitment, sha256Hex } from "../../src/platform/hashes.ts";
import { type Command, CommandError, type Io } from "../command.ts";
import { readText } from "../local/files.ts";
import { findService } from "../service.ts";
import { counted } from "../words.ts";
import { headsInFile, isKnown, type KnownHead, loadJwks, verifyHead, verifyJws } from "./heads.ts";

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const entry = z.strictObject({
  id: z.int(),
  at: z.string(),
  tx: z.string(),
  subject: z.string(),
  subjectId: z.string(),
  action: z.string(),
  actor: z.string(),
  reason: z.string().nullable(),
  dataHash: hash,
  data: z.string().optional(),
});
const text = z.string().nullable();
const receipt = z.looseObject({
  iss: z.literal("hookline"),
  at: z.iso.datetime(),
  call: z.looseObject({ id: z.string(), event_id: z.string(), status: z.string(), outcome: text, order_number: text }),
  content: z
    .strictObject({
      salt: z.string(),
      number: text,
      about: text,
      prompt: text,
      promptOverwrite: z.boolean(),
      greeting: text,
    })
    .optional(),
  more: z.boolean().optional(),
  pieces: z.array(
    z.strictObject({ previous: hash, from: z.int().min(1), head: z.string(), entries: z.array(hash.or(entry)).min(1) }),
  ),
});

export const verifyReceiptCommand: Command = {
  usage: "FILE [--jwks FILE|URL] [--heads FILE]…",
  summary: "verify the receipt of a call, offline",
  help: `FILE is the answer of GET /v1/calls/:id/receipt. It is proven that the service signed it, that each entry stands
at its position under a signed head, and that one of them led to the call's status. It is not proven that no
entry is missing: the service says so. --heads shows that the head belongs to the chain that others see.
Entries about people who read the call are left out.

  --jwks FILE|URL  the public keys; the service's /.well-known/jwks.json when absent
  --heads FILE     heads that were kept elsewhere: one for the same position must be the same`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { jwks: { type: "string" }, heads: { type: "string", multiple: true } },
    });
    const [path] = positionals;
    if (path === undefined) throw new CommandError("name the file of the receipt", 2);
    const keys = await loadJwks(values.jwks ?? `${findService(io).url}/.well-known/jwks.json`);
    const parsed = receipt.safeParse(await verifyJws(readText(path).trim(), receiptType, keys));
    if (!parsed.success) throw new CommandError("it is signed, but is not a receipt of this version");
    const kept = (await Promise.all((values.heads ?? []).map((file) => headsInFile(file, keys))))
      .flat()
      .filter(isKnown);
    const said: CallReceipt = parsed.data;
    const lines: string[] = [];
    for (const piece of said.pieces) {
      const head = await verifyHead(piece.head, "the receipt", keys);
      if (!isKnown(head)) throw new CommandError(`the head after position ${piece.from}: ${head.reason}`);
      lines.push(...walk(said, piece, head, kept));
    }
    tell(io, said, lines);
    return 0;
  },
};

function walk(
  said: CallReceipt,
  piece: CallReceipt["pieces"][number],
  head: KnownHead,
  kept: readonly KnownHead[],
): string[] {
  const walked = walkPiece(piece, sha256Hex);
  if (walked === null) throw new CommandError(`an entry after position ${piece.from} has other data than was hashed`);
  if (walked.end.position !== head.position || walked.end.hash !== head.hash)
    throw new CommandError(
      `the entries from position ${piece.from} do not lead to the head that was signed for ${head.position}`,
    );
  const other = kept.find(({ position, hash }) => position === head.position && hash !== head.hash);
  if (other !== undefined)
    throw new CommandError(`${other.from} holds another head for position ${head.position}: there are two chains`);
  const strange = walked.entries.find(
    ({ subjectId }) => subjectId !== said.call.id && subjectId !== said.call.event_id,
  );
  if (strange !== undefined)
    throw new CommandError(`the entry at position ${strange.position} is about something else`);
  const signed = head.at === null ? "" : new Date(head.at).toISOString();
  return walked.entries.map(
    ({ position, at, action, actor, reason }) =>
      `  ${position}  ${at}  ${action}${reason === null ? "" : ` (${reason})`} by ${actor}; signed ${signed} up to ${head.position}`,
  );
}

function tell(io: Io, said: CallReceipt, lines: readonly string[]): void {
  const { call, content, pieces } = said;
  const entries = pieces.flatMap((piece) => piece.entries).filter((item) => typeof item !== "string");
  if (!isLedTo(call, entries))
    throw new CommandError(
      `it says that the call is ${[call.status, call.outcome].filter(Boolean).join(", ")}, and none of its entries led to that`,
    );
  if (content !== undefined && !isCommitted(content, entries, commitment))
    throw new CommandError("its number and texts are not those that the call's entries commit to");
  io.out(
    `call ${call.id} of event ${call.event_id}: ${String(call.status)}${call.outcome ? `, ${String(call.outcome)}` : ""}`,
  );
  if (call.order_number) io.out(`order number ${String(call.order_number)}`);
  if (content !== undefined) io.out("its number and texts are those that were committed to when it was made");
  io.out(
    `${counted(lines.length, "entry", "entries")} in the chain${said.more === true ? ", and there are others that are not in it" : ""}:`,
  );
  for (const line of lines) io.out(line);
  io.say(`the receipt is good; it was made ${said.at}`);
}
