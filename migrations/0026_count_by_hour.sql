CREATE TABLE "figure_marks" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"tx" "xid8" NOT NULL,
	"entry" bigint NOT NULL,
	"back_tx" "xid8" NOT NULL,
	"back_entry" bigint NOT NULL,
	"back_at" timestamp with time zone,
	"back_done" boolean DEFAULT false NOT NULL,
	"restored_to" bigint,
	CONSTRAINT "figure_marks_one" CHECK ("figure_marks"."one")
);
--> statement-breakpoint
CREATE TABLE "figures" (
	"hour" timestamp with time zone NOT NULL,
	"what" text NOT NULL,
	"n" bigint NOT NULL,
	CONSTRAINT "figures_hour_what_pk" PRIMARY KEY("hour","what")
);
