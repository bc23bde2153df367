-- CreateTable
CREATE TABLE "audit" (
    "id" BIGSERIAL NOT NULL,
    "at" BIGINT NOT NULL,
    "actorKind" TEXT NOT NULL,
    "actorId" TEXT,
    "actorName" TEXT NOT NULL,
    "role" TEXT,
    "source" TEXT NOT NULL,
    "address" TEXT,
    "requestId" TEXT,
    "action" TEXT NOT NULL,
    "environment" TEXT,
    "service" TEXT,
    "thing" TEXT,
    "before" TEXT,
    "after" TEXT,
    "reason" TEXT,
    "incident" INTEGER,
    "flipId" TEXT,
    "outcome" TEXT NOT NULL,
    "code" TEXT,
    "previous" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "audit_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "audit_at_idx" ON "audit"("at");

-- CreateIndex
CREATE INDEX "audit_action_id_idx" ON "audit"("action", "id");

-- CreateIndex
CREATE INDEX "audit_actorName_id_idx" ON "audit"("actorName", "id");

-- CreateIndex
CREATE INDEX "audit_requestId_idx" ON "audit"("requestId");

-- CreateIndex
CREATE INDEX "audit_flipId_idx" ON "audit"("flipId");

-- Entries are only added. What gets around this is found by the chain of hashes.
CREATE FUNCTION "audit_only_grows"() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'entries of the audit log are never changed or deleted'; END $$;

CREATE TRIGGER "audit_rows_stay" BEFORE UPDATE OR DELETE ON "audit"
FOR EACH ROW EXECUTE FUNCTION "audit_only_grows"();

CREATE TRIGGER "audit_table_stays" BEFORE TRUNCATE ON "audit"
FOR EACH STATEMENT EXECUTE FUNCTION "audit_only_grows"();
