INSERT INTO "outbox" ("tx", "entry") VALUES ('0', 0);
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "hooks", "deliveries", "delivery_tries", "tasks" TO hookline_app;
--> statement-breakpoint
GRANT SELECT, UPDATE ON "outbox" TO hookline_app;
