// `hookline verify-receipt`: prints the facts that a receipt proves, with the public keys alone.
import { parseArgs } from "node:util";
import * as z from "zod";
import { receiptType } from "../../src/flows/audit/receipt.ts";
import { type VerifierTools, verifyReceipt } from "../../src/flows/audit/verify-receipt.ts";
import { commitment, sha256Hex } from "../../src/platform/hashes.ts";
import { type Command, CommandError, type Io } from "../command.ts";
import { readText } from "../local/files.ts";
import { findService } from "../service.ts";
import { counted } from "../words.ts";
import { headsInFile, isKnown, type KnownHead, loadJwks, type PublicKeys, verifyHead, verifyJws } from "./heads.ts";

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
    const verified = await verifyReceipt(readText(path).trim(), verifierTools(keys));
    if (!verified.ok) throw new CommandError(verified.reason);
    const kept = (await Promise.all((values.heads ?? []).map((file) => headsInFile(file, keys))))
      .flat()
      .filter(isKnown);
    for (const head of verified.heads) {
      const other = kept.find(({ position, hash }) => position === head.position && hash !== head.hash);
      if (other !== undefined)
        throw new CommandError(`${other.from} holds another head for position ${head.position}: there are two chains`);
    }
    tell(io, verified);
    return 0;
  },
};

/** Node's hashes, and signatures by jose. */
function verifierTools(keys: PublicKeys): VerifierTools<KnownHead> {
  return {
    sha256: sha256Hex,
    commitment,
    async receipt(jws) {
      const parsed = receipt.safeParse(await verifyJws(jws, receiptType, keys));
      if (!parsed.success) return { ok: false, reason: "it is signed, but is not a receipt of this version" };
      return { ok: true, receipt: parsed.data };
    },
    async head(jws) {
      const head = await verifyHead(jws, "the receipt", keys);
      return isKnown(head) ? { ok: true, head } : { ok: false, reason: head.reason };
    },
  };
}

type Verified = Extract<Awaited<ReturnType<typeof verifyReceipt<KnownHead>>>, { ok: true }>;

function tell(io: Io, { receipt: said, entries }: Verified): void {
  const { call, content } = said;
  io.out(
    `call ${call.id} of event ${call.event_id}: ${String(call.status)}${call.outcome ? `, ${String(call.outcome)}` : ""}`,
  );
  if (call.order_number) io.out(`order number ${String(call.order_number)}`);
  if (content !== undefined) io.out("its number and texts are those that were committed to when it was made");
  io.out(
    `${counted(entries.length, "entry", "entries")} in the chain${said.more === true ? ", and there are others that are not in it" : ""}:`,
  );
  for (const { position, at, action, actor, reason, head } of entries) {
    const signed = head.at === null ? "" : new Date(head.at).toISOString();
    io.out(
      `  ${position}  ${at}  ${action}${reason === null ? "" : ` (${reason})`} by ${actor}; signed ${signed} up to ${head.position}`,
    );
  }
  io.say(`the receipt is good; it was made ${said.at}`);
}
