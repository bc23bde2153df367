-- CreateTable
CREATE TABLE "user" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "emailVerified" BOOLEAN NOT NULL DEFAULT false,
    "image" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    "role" TEXT,
    "banned" BOOLEAN DEFAULT false,
    "banReason" TEXT,
    "banExpires" TIMESTAMP(3),

    CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" TEXT NOT NULL,
    "expiresAt" TIMESTAMP(3) NOT NULL,
    "token" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    "ipAddress" TEXT,
    "userAgent" TEXT,
    "userId" TEXT NOT NULL,
    "impersonatedBy" TEXT,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account" (
    "id" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "providerId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "accessToken" TEXT,
    "refreshToken" TEXT,
    "idToken" TEXT,
    "accessTokenExpiresAt" TIMESTAMP(3),
    "refreshTokenExpiresAt" TIMESTAMP(3),
    "scope" TEXT,
    "password" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "verification" (
    "id" TEXT NOT NULL,
    "identifier" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "expiresAt" TIMESTAMP(3) NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "verification_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_token" (
    "ordinal" BIGSERIAL NOT NULL,
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "role" TEXT,
    "environment" TEXT,
    "services" TEXT NOT NULL,
    "createdAt" BIGINT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "expiresAt" BIGINT,
    "revokedAt" BIGINT,
    "lastUsedAt" BIGINT,

    CONSTRAINT "api_token_pkey" PRIMARY KEY ("ordinal")
);

-- CreateTable
CREATE TABLE "idempotency" (
    "principal" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "status" INTEGER,
    "body" TEXT,
    "createdAt" BIGINT NOT NULL,

    CONSTRAINT "idempotency_pkey" PRIMARY KEY ("principal","key")
);

-- CreateTable
CREATE TABLE "instance" (
    "environment" TEXT NOT NULL,
    "service" TEXT NOT NULL,
    "instance" TEXT NOT NULL,
    "boot" TEXT NOT NULL,
    "version" TEXT,
    "labels" TEXT NOT NULL,
    "firstSeenAt" BIGINT NOT NULL,
    "lastSeenAt" BIGINT NOT NULL,
    "left" BOOLEAN NOT NULL,
    "policyRevision" INTEGER NOT NULL,
    "resources" TEXT NOT NULL,
    "switches" TEXT NOT NULL,

    CONSTRAINT "instance_pkey" PRIMARY KEY ("environment","service","instance")
);

-- CreateTable
CREATE TABLE "switch" (
    "environment" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "whatUsersLose" TEXT NOT NULL,
    "positions" TEXT NOT NULL,
    "safeDefault" TEXT NOT NULL,
    "services" TEXT NOT NULL,
    "firstSeenAt" BIGINT NOT NULL,

    CONSTRAINT "switch_pkey" PRIMARY KEY ("environment","key")
);

-- CreateTable
CREATE TABLE "event" (
    "id" BIGSERIAL NOT NULL,
    "environment" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "receivedAt" BIGINT NOT NULL,
    "type" TEXT NOT NULL,
    "family" TEXT NOT NULL,
    "service" TEXT,
    "instance" TEXT,
    "boot" TEXT,
    "seq" BIGINT,
    "resourceKind" TEXT,
    "resourceName" TEXT,
    "actor" TEXT NOT NULL,
    "data" TEXT NOT NULL,

    CONSTRAINT "event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sample_page" (
    "id" BIGSERIAL NOT NULL,
    "environment" TEXT NOT NULL,
    "service" TEXT NOT NULL,
    "instance" TEXT NOT NULL,
    "boot" TEXT NOT NULL,
    "fromMs" BIGINT NOT NULL,
    "toMs" BIGINT NOT NULL,
    "lastSeq" BIGINT NOT NULL,
    "samples" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "sample_page_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policy_revision" (
    "environment" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,

    CONSTRAINT "policy_revision_pkey" PRIMARY KEY ("environment")
);

-- CreateTable
CREATE TABLE "flip" (
    "id" TEXT NOT NULL,
    "environment" TEXT NOT NULL,
    "switchKey" TEXT NOT NULL,
    "position" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "author" TEXT NOT NULL,
    "createdAt" BIGINT NOT NULL,
    "expiresAt" BIGINT,
    "revision" INTEGER NOT NULL,
    "status" TEXT NOT NULL,
    "endedAt" BIGINT,
    "endedBy" TEXT,
    "endRevision" INTEGER,

    CONSTRAINT "flip_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "receipt" (
    "flipId" TEXT NOT NULL,
    "instanceKey" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "at" BIGINT NOT NULL,
    "roundTripMs" DOUBLE PRECISION,
    "appliedMs" DOUBLE PRECISION,
    "reason" TEXT,
    "lastRevision" INTEGER,

    CONSTRAINT "receipt_pkey" PRIMARY KEY ("flipId","instanceKey")
);

-- CreateIndex
CREATE UNIQUE INDEX "user_email_key" ON "user"("email");

-- CreateIndex
CREATE UNIQUE INDEX "session_token_key" ON "session"("token");

-- CreateIndex
CREATE INDEX "session_userId_idx" ON "session"("userId");

-- CreateIndex
CREATE INDEX "account_userId_idx" ON "account"("userId");

-- CreateIndex
CREATE INDEX "verification_identifier_idx" ON "verification"("identifier");

-- CreateIndex
CREATE UNIQUE INDEX "api_token_id_key" ON "api_token"("id");

-- CreateIndex
CREATE UNIQUE INDEX "api_token_hash_key" ON "api_token"("hash");

-- CreateIndex
CREATE INDEX "api_token_kind_ordinal_idx" ON "api_token"("kind", "ordinal");

-- CreateIndex
CREATE INDEX "idempotency_createdAt_idx" ON "idempotency"("createdAt");

-- CreateIndex
CREATE INDEX "event_environment_id_idx" ON "event"("environment", "id");

-- CreateIndex
CREATE INDEX "event_environment_service_id_idx" ON "event"("environment", "service", "id");

-- CreateIndex
CREATE INDEX "event_environment_type_id_idx" ON "event"("environment", "type", "id");

-- CreateIndex
CREATE INDEX "event_environment_family_id_idx" ON "event"("environment", "family", "id");

-- CreateIndex
CREATE INDEX "event_environment_at_id_idx" ON "event"("environment", "at", "id");

-- CreateIndex
CREATE INDEX "event_environment_service_at_id_idx" ON "event"("environment", "service", "at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "event_environment_service_instance_boot_seq_key" ON "event"("environment", "service", "instance", "boot", "seq");

-- CreateIndex
CREATE INDEX "sample_page_environment_service_instance_toMs_idx" ON "sample_page"("environment", "service", "instance", "toMs");

-- CreateIndex
CREATE INDEX "sample_page_environment_service_toMs_fromMs_idx" ON "sample_page"("environment", "service", "toMs", "fromMs");

-- CreateIndex
CREATE INDEX "sample_page_environment_service_instance_boot_lastSeq_idx" ON "sample_page"("environment", "service", "instance", "boot", "lastSeq");

-- CreateIndex
CREATE INDEX "flip_environment_switchKey_revision_idx" ON "flip"("environment", "switchKey", "revision");

-- CreateIndex
CREATE INDEX "flip_environment_switchKey_endRevision_idx" ON "flip"("environment", "switchKey", "endRevision");

-- CreateIndex
CREATE INDEX "flip_status_environment_idx" ON "flip"("status", "environment");

-- CreateIndex
CREATE UNIQUE INDEX "flip_environment_revision_key" ON "flip"("environment", "revision");

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "account" ADD CONSTRAINT "account_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;
