INSERT INTO "figure_marks" ("tx", "entry", "back_tx", "back_entry")
SELECT pg_snapshot_xmin(s), 0, pg_snapshot_xmin(s), 0 FROM pg_current_snapshot() s;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON "figures" TO hookline_app;
--> statement-breakpoint
GRANT SELECT, UPDATE ON "figure_marks" TO hookline_app;
