/** How the figures are measured; `npm run bench -- --method` prints it. */
export const method = `
Everything runs on this machine in one run: raw workerd (no wrangler), Postgres from npm with fsync on, the Mihu simulator.
The load comes from one thread that writes prepared bytes to bare sockets (keep-alive, one request in flight on each);
every webhook is made and signed before the clock starts, with an id, a body and a signature of its own.

Subjects take turns (A B C … A B C …), after one round that does not count; figures are medians of the rounds.
  bare     a Worker (Hono) that reads the body and answers 202
  hop      verifies the same signature with the product's verifier, makes one empty call to an object, answers 202
  insert   the same verifier, a postgres.js connection per request through the same kind of binding, one insert, 202
  node     plain Node: node:http, Hono, node:crypto, a postgres.js pool of 10, one insert, 202
  hookline POST /in/:source, preset shopify, 202 after the commit; its plan runs too, and ends as "ignored"
  batches  POST /in/:source, preset hubspot (v3), 100 events in a request
64 connections, except where it is said, and 128 where round trips are counted (the goal is for batches of 40 and more).

Round trips are counted by a proxy between workerd and Postgres: each ReadyForQuery is one. The load's events all become
calls on a line with a wide pace; the count ends when the last one is recorded as placed.
From webhook to Mihu is the time from writing the webhook to the simulator's ring, one at a time: with 0.3 s between them,
and with 2 s, after which the objects have closed their connections to Postgres.
The burst sends 10,000 webhooks evenly over 10 s, all owed a call; events, plans and calls are counted in the tables.
The CPU of verifying, splitting and planning is workerd's, over some thousand times in one request, beside the least that anybody
would do with the same bytes there: node:crypto's HMAC and JSON.parse.
With --claims: a line with 100,000 due calls of 1, 10, 100 and 1,000 sources, and of one source beside 1,000 of one call. The product's
claim, and the same statement that takes the oldest due calls whosever they are, both prepared on one connection, by turns; claimed
calls are put back before the next claim. Medians of the rounds' p99.
With --lookup: 10,000,000 calls with their events, entries and further tries, filled by SQL, beside 10,000, in one cluster; --calls names
another number. All indexes stand, and tables are vacuumed and analyzed. The product's own look-ups of an order (its calls and its events,
of an order by chance) and of the newest calls, one at a time by turns, from a client on the same machine. "Planned anew": Postgres plans
each, as for a request of the product, whose connection is new; "planned before": what is left is the reading, which is what may grow.
Most pages come from the system's cache, few from Postgres' own 128 MB. A ratio is the median of the rounds' ratios of p99s.
A start's CPU is the process's own, at its first answer, less that of the floors' Worker; workerd's own start is in both.
`.trim();
