GRANT SELECT, INSERT, UPDATE ON "notes" TO hookline_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON "owners" TO hookline_app;
