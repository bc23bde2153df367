-- CreateTable
CREATE TABLE "audit" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
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
    "hash" TEXT NOT NULL
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
CREATE TRIGGER "audit_never_updated" BEFORE UPDATE ON "audit"
BEGIN SELECT RAISE(ABORT, 'entries of the audit log are never changed'); END;

CREATE TRIGGER "audit_never_deleted" BEFORE DELETE ON "audit"
BEGIN SELECT RAISE(ABORT, 'entries of the audit log are never deleted'); END;

-- "insert or replace" deletes without asking the trigger for deletes.
CREATE TRIGGER "audit_never_replaced" BEFORE INSERT ON "audit" WHEN EXISTS (SELECT 1 FROM "audit" WHERE "id" = NEW."id")
BEGIN SELECT RAISE(ABORT, 'entries of the audit log are never replaced'); END;
