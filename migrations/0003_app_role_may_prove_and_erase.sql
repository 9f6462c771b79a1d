-- Mihu's reports are kept as they came, and go with their age or with the person whom they are about.
GRANT SELECT, INSERT, DELETE ON "reports" TO hookline_app;
--> statement-breakpoint
-- What the sweep finds wrong with the books, and how far it has looked through them.
GRANT SELECT, INSERT, DELETE ON "gaps" TO hookline_app;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE ON "sweeps" TO hookline_app;
--> statement-breakpoint
-- From here on a sweep that never comes is told.
INSERT INTO "sweeps" ("one") VALUES (true);
--> statement-breakpoint
-- The chain and its heads stay as they were written, as the entries do.
GRANT SELECT, INSERT ON "links", "heads" TO hookline_app;
--> statement-breakpoint
-- What was withdrawn before its call was made; the sweep lets go of what is old.
GRANT SELECT, INSERT, UPDATE, DELETE ON "withdrawals" TO hookline_app;
--> statement-breakpoint
-- When an entry was written, by which transaction and in which order is not the app's to say.
REVOKE INSERT ON "entries" FROM hookline_app;
--> statement-breakpoint
GRANT INSERT ("subject", "subject_id", "action", "actor", "reason", "data") ON "entries" TO hookline_app;
