ALTER TABLE "lines" ADD COLUMN "last_source" text;--> statement-breakpoint
CREATE INDEX "calls_in_turn" ON "calls" USING btree ("line","source","due_at") WHERE "calls"."status" = 'queued';