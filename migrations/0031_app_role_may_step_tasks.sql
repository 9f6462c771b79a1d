GRANT SELECT, INSERT, DELETE ON "task_items" TO hookline_app;
--> statement-breakpoint
CREATE INDEX "tasks_to_step" ON "tasks" USING btree ("updated_at") WHERE "tasks"."state" = 'stepping' or "tasks"."unconfirmed" is not null;
