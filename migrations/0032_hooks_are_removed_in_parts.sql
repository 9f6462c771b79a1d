ALTER TABLE "deliveries" DROP CONSTRAINT "deliveries_hook_hooks_id_fk";
