CREATE TABLE "refused_minutes" (
	"source" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"refused" integer NOT NULL,
	"failed_signatures" integer NOT NULL,
	"not_stored" integer NOT NULL,
	CONSTRAINT "refused_minutes_source_at_pk" PRIMARY KEY("source","at")
);
--> statement-breakpoint
ALTER TABLE "refused_minutes" ADD CONSTRAINT "refused_minutes_source_sources_slug_fk" FOREIGN KEY ("source") REFERENCES "public"."sources"("slug") ON DELETE no action ON UPDATE no action;