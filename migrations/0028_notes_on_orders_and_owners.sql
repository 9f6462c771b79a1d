CREATE TABLE "notes" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"order_number" text NOT NULL,
	"order_number_key" text NOT NULL,
	"source" text,
	"actor" text NOT NULL,
	"text" text,
	"salt" text,
	"erased_at" timestamp with time zone,
	CONSTRAINT "notes_erased" CHECK (("notes"."erased_at" is null) = ("notes"."text" is not null)),
	CONSTRAINT "notes_salted" CHECK (("notes"."text" is null) = ("notes"."salt" is null))
);
--> statement-breakpoint
CREATE TABLE "owners" (
	"call" uuid PRIMARY KEY NOT NULL,
	"actor" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "notes_of_order" ON "notes" USING btree ("order_number_key","at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "entries_of_readings" ON "entries" USING btree ("id") WHERE "entries"."action" in ('read', 'recording_read', 'listened', 'transcript_read', 'exported');--> statement-breakpoint
CREATE INDEX "entries_of_reader" ON "entries" USING btree ("actor","id") WHERE "entries"."action" in ('read', 'recording_read', 'listened', 'transcript_read', 'exported');