/** How the figures are measured; `npm run bench -- --method` prints it. */
export const method = `
Everything runs on this machine in one run: raw workerd (no wrangler), Postgres from npm with fsync on, the Mihu simulator.
The load comes from a process of its own that writes prepared bytes to bare sockets (keep-alive, one request in flight on each);
every webhook is made and signed before the clock starts, with an id, a body and a signature of its own.

Subjects take turns (A B C … A B C …), after one round that does not count. A figure is the median of its rounds, with the lowest and the
highest in brackets; a ratio is taken round by round.
  bare       a Worker (Hono) that reads the body and answers 202
  hop        verifies the same signature with the product's verifier, makes one empty call to an object, answers 202
  insert     the same verifier, a postgres.js connection per request through the same kind of binding, one insert, 202
  node       plain Node: node:http, Hono, node:crypto, a postgres.js pool of 10, one insert into a small table, 202
  same work  plain Node that does what the product does for such a webhook: node:http without a framework, verifying, ids and hashes,
             order number and record, duplicates and conflicts, the rule, group commit (one in flight: faster than two and four),
             one statement by unnest, the product's own table with all its indexes
  hookline   POST /in/:source, preset shopify, 202 after the commit; its plan runs too, and ends as "ignored"
  batches    POST /in/:source, preset hubspot (v3), 100 events in a request
64 connections, except where it is said, and 128 where round trips are counted (the goal is for batches of 40 and more).

workerd is one process and one thread. The CPU of its parts is the difference of arrangements that take turns, by /proc:
  the Worker   the product, its Worker answering itself in the place of the inbox ("no call")
  the call     more, when the inbox is called and answers at once ("no object"): the call, and the events that go with it
  the object   more, when the inbox does its work: grouping, the statement, the connection
Postgres' CPU is that of the backends of all clients, and apart that of its other processes, in the rounds of one subject.
Limits: garbage of one part may be collected in another's time, and caches are warmer where less is done; the parts have different rates,
and a higher rate makes larger groups. Differences of medians of few rounds are good to some 10 %.

COPY: after each round of batches one backend copies the very rows that the product has stored in it (30,000 at the most), in statements of
as many rows as the product's mean commit, into a table of the same definition with the same indexes and the foreign key, and into one
without the key. It has the machine to itself; the product shares it with workerd and the load.

Round trips are counted by a proxy between workerd and Postgres: each ReadyForQuery is one. The load's events all become
calls on a line with a wide pace; the count ends when the last one is recorded as placed.
From webhook to Mihu is the time from writing the webhook to the simulator's ring, one at a time: with 0.3 s between them; with 10 s, for
which the objects keep their connections to Postgres; and the first one after workerd was killed and started.
The burst sends 10,000 webhooks evenly over 10 s, all owed a call, to a service that was just started; events, plans and calls are counted
in the tables. Memory is the resident memory of workerd's process, which has Worker and objects in one isolate; V8's heap is limited to
the 128 MB that Cloudflare gives to an isolate. Without a limit raw workerd leaves garbage until it has gigabytes.
What Cloudflare bills is counted in the product's own Worker, built with counters around the bindings and the storage of its objects
(bench/floors/parts.ts): calls by their callers, alarms, rows read and written (a set alarm is one). The time in which an object cannot
hibernate is that of its connection to Postgres, measured by a proxy, and of calls. Events come every 2.592 s, a million in 30 days,
and IDLE_CONNECTION is 1 s; the bill adds what the default of 15 s costs.
The CPU of verifying, splitting and planning is workerd's, over some thousand times in one request, beside the least that anybody
would do with the same bytes there: node:crypto's HMAC and JSON.parse.
With --claims: a line with 100,000 due calls of 1, 10, 100 and 1,000 sources, and of one source beside 1,000 of one call. The product's
claim, and the same statement that takes the oldest due calls whosever they are, both prepared on one connection, by turns; claimed
calls are put back before the next claim. Medians of the rounds' p99.
With --lookup: 10,000,000 calls with their events, entries and further tries, filled by SQL, beside 10,000, in one cluster; --calls names
another number. All indexes stand, and tables are vacuumed and analyzed. The product's own look-ups of an order (its calls and its events,
of an order by chance) and of the newest calls, one at a time by turns, from a client on the same machine. "Planned anew": Postgres plans
each, as for a request of the product, whose connection is new; "planned before": what is left is the reading, which is what may grow.
The rows of the few fit into Postgres' own 128 MB; most pages of the many come from the system's cache, and from the disk where that has let
them go. So the pages that the look-up of an order asks for are counted too, by EXPLAIN. A ratio is the median of the rounds' ratios of p99s.
With --pages: the rows of --lookup, and 10,000 beside them. Their entries are linked and counted, as the notary and the sweeps leave them. Each page is
opened with all scopes, one at a time by turns, for an order by chance, by a client on the same machine, until its last byte. The Worker reaches
Postgres by a pool of open connections, as by Hyperdrive (bench/subjects/pool.ts); "without a pool": each request signs in at Postgres, whose new
process reads the catalogue first. The first paint is Chromium's, with an empty cache.
With --export: 1,000,000 calls with their events, filled by SQL (--calls: another number), exported by the API as CSV and as JSON Lines over one
connection, taken as fast as they come. The memory is workerd's resident memory, sampled every 50 ms, above its own after a first small export. Its
heap has at most the 128 MB of an isolate at Cloudflare: without a limit V8 takes what the machine has before it collects garbage.
With --hooks: webhooks at 20 a second, each a call that ends after half a second; late is the time from the entry's, by Postgres' clock, to
the receiver's. Then the rows of 10,000 ended calls and their entries are written past the product, 990 hooks with a condition of their rule
listen, three match each, and the deliveries are counted from the poke on. The bare sender has the stored bodies, signs each and sends it
over 64 kept connections to the same receiver, alone on the machine.
A start's CPU is the process's own, at its first answer, less that of the floors' Worker; workerd's own start is in both.
`.trim();
