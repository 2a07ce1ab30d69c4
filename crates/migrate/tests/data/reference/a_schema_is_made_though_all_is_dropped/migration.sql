-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- DropTable
DROP TABLE "A";
