ALTER TABLE "events" DROP CONSTRAINT "events_once";--> statement-breakpoint
DROP INDEX "events_of_order";--> statement-breakpoint
CREATE INDEX "calls_by_mihu_id" ON "calls" USING btree ("mihu_id") WHERE "calls"."mihu_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "events_stored_once" ON "events" USING btree ("source","dedupe_key" text_pattern_ops);--> statement-breakpoint
CREATE INDEX "events_by_order_number" ON "events" USING btree ("order_number_key" text_pattern_ops,"received_at" DESC NULLS LAST) WHERE "events"."order_number_key" is not null;--> statement-breakpoint
CREATE INDEX "events_of_record" ON "events" USING btree ("record_id","received_at" DESC NULLS LAST) WHERE "events"."record_id" is not null;