DROP INDEX "calls_in_turn";--> statement-breakpoint
CREATE INDEX "calls_by_turn" ON "calls" USING btree ("line","source","due_at","created_at","id") WHERE "calls"."status" = 'queued';