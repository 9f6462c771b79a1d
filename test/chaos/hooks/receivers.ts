/** Receivers of hooks: one that answers well, and one as bad as receivers are. Both write down what they get. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type postgres from "postgres";
import { draw } from "../../../dev/simulator/engine/chance.ts";

/** A delivery that came: its `webhook-id`, and what its body says of a call. */
export type Received = {
  readonly hook: ReceiverName;
  readonly id: string;
  readonly call: string;
  readonly sequence: number;
  readonly status: string;
  readonly final: boolean;
};

export const receiverNames = ["good", "hostile"] as const;
export type ReceiverName = (typeof receiverNames)[number];

export type Receivers = {
  readonly url: (name: ReceiverName) => string;
  readonly received: () => readonly Received[];
  /** From now on both answer well. */
  readonly calm: () => void;
  readonly close: () => Promise<void>;
};

/** Faults of the hostile receiver and their shares. `lost_answer`: it has the delivery, and its sender does not hear so. */
const shares = { error_500: 0.08, busy_429: 0.03, reset: 0.03, lost_answer: 0.03, slow: 0.02, redirect: 0.01 } as const;
type ReceiverFault = keyof typeof shares;
const slowMs = 1_500;

export async function startReceivers(seed: number): Promise<Receivers> {
  let requests = 0;
  const received: Received[] = [];
  let isCalm = false;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const name = receiverNames.find((one) => request.url === `/${one}`);
      if (name === undefined) return void response.writeHead(404).end();
      const fault = name === "hostile" && !isCalm ? faultOf(draw(seed, "receiver", requests++)) : null;
      const takes = fault === null || fault === "lost_answer" || fault === "slow";
      if (takes)
        received.push(read(name, String(request.headers["webhook-id"]), Buffer.concat(parts).toString("utf8")));
      answer(response, fault);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return {
    url: (name) => `http://127.0.0.1:${port}/${name}`,
    received: () => received,
    calm: () => {
      isCalm = true;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function faultOf(drawn: number): ReceiverFault | null {
  let left = drawn;
  for (const [fault, share] of Object.entries(shares)) {
    if (left < share) return fault as ReceiverFault;
    left -= share;
  }
  return null;
}

function answer(response: ServerResponse, fault: ReceiverFault | null): void {
  switch (fault) {
    case "error_500":
      response.writeHead(500).end("out of order");
      return;
    case "busy_429":
      response.writeHead(429, { "retry-after": "1" }).end();
      return;
    case "redirect":
      response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data" }).end();
      return;
    case "reset":
    case "lost_answer":
      response.socket?.resetAndDestroy();
      return;
    case "slow":
      setTimeout(() => response.writeHead(204).end(), slowMs);
      return;
    case null:
      response.writeHead(204).end();
  }
}

function read(hook: ReceiverName, id: string, body: string): Received {
  const { data } = JSON.parse(body);
  return { hook, id, call: data.id, sequence: data.sequence, status: data.status, final: data.final };
}

/** What hooks had to be told of a call, by its entries: how many events, and whether it has its last status. */
export type ToldCall = {
  readonly call: string;
  readonly events: number;
  readonly status: string;
  readonly finals: number;
};

export async function readTold(owner: postgres.Sql): Promise<ToldCall[]> {
  return await owner<ToldCall[]>`
    select c.id as call, c.status, count(*)::int as events,
      count(*) filter (where e.action in ('ended', 'rejected', 'skipped', 'canceled', 'expired'))::int as finals
    from calls c join entries e on e.subject = 'call' and e.subject_id = c.id::text and e.action in ('queued', 'released', 'held',
      'placed', 'ended', 'rejected', 'review', 'skipped', 'canceled', 'expired', 'report_added')
    group by c.id`;
}

/** Makes deliveries that wait for another try due now. @returns how many wait */
export async function hastenDeliveries(owner: postgres.Sql): Promise<number> {
  await owner`update deliveries set next_at = now() where state = 'pending' and next_at > now()`;
  const [row] = await owner<[{ waiting: number }]>`
    select count(*)::int + (select count(*)::int from entries e, outbox o where (e.tx, e.id) > (o.tx, o.entry)) as waiting
    from deliveries where state = 'pending'`;
  return row.waiting;
}
