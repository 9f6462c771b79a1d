-- What a sender's API wants to see of us; where its address changes, it goes.
GRANT SELECT, INSERT, UPDATE, DELETE ON "credentials" TO hookline_app;
--> statement-breakpoint
-- What was kept of a refused request is forgotten, by the sweep or once it went in; what was said of it stays.
GRANT UPDATE ("method", "url", "request_headers", "body", "body_kept", "presented", "accepted_at", "accepted_events") ON "rejections" TO hookline_app;
--> statement-breakpoint
-- What is known of the fields that rules read: the sweep keeps it, and lets go of those that nothing reads any more.
GRANT SELECT, INSERT, UPDATE, DELETE ON "fields", "field_marks" TO hookline_app;
