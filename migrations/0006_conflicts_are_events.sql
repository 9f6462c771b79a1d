ALTER TABLE "events" ADD COLUMN "conflict_of" uuid;--> statement-breakpoint
CREATE INDEX "events_conflicts" ON "events" USING btree ("conflict_of") WHERE "events"."conflict_of" is not null;