CREATE TABLE "stops" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "stops_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"source" text,
	"rule" text,
	"modes" text[],
	"number" text,
	"reason" text NOT NULL,
	"actor" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "stops_source_or_number" CHECK (num_nonnulls("stops"."source", "stops"."number") = 1),
	CONSTRAINT "stops_reason" CHECK ("stops"."reason" in ('rule_off', 'source_closed', 'suppressed'))
);
--> statement-breakpoint
ALTER TABLE "calls" ADD COLUMN "released_at" timestamp with time zone;