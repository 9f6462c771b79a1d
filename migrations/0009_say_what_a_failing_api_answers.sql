ALTER TABLE "sources" DROP CONSTRAINT "sources_fetch_problem";--> statement-breakpoint
ALTER TABLE "sources" ADD COLUMN "fetch_failures" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sources" ADD COLUMN "fetch_answer" jsonb;--> statement-breakpoint
ALTER TABLE "sources" ADD CONSTRAINT "sources_fetch_problem" CHECK ("sources"."fetch_problem" in ('credential_refused', 'credential_missing', 'credential_unreadable',
        'fetch_failing', 'fetch_limited'));