ALTER TABLE "calls" DROP CONSTRAINT "calls_again_stopped";--> statement-breakpoint
-- Not validated: every row that the old constraint allowed, the new one allows too, and a table of calls is long.
ALTER TABLE "calls" ADD CONSTRAINT "calls_again_stopped" CHECK ("calls"."again_stopped" in ('withdrawn', 'canceled', 'suppressed', 'rule_off', 'source_closed')) NOT VALID;
