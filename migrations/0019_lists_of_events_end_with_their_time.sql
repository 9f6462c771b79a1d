DROP INDEX "events_newest";--> statement-breakpoint
DROP INDEX "events_by_source";--> statement-breakpoint
CREATE INDEX "events_by_arrival" ON "events" USING btree ("received_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "events_of_source" ON "events" USING btree ("source","received_at" DESC NULLS LAST);