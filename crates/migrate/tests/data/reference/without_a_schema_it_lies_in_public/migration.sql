-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "two";

-- AlterEnum
BEGIN;
CREATE TYPE "public"."E_new" AS ENUM ('X');
ALTER TABLE "A" ALTER COLUMN "e" DROP DEFAULT;
ALTER TABLE "public"."A" ALTER COLUMN "e" TYPE "public"."E_new" USING ("e"::text::"public"."E_new");
ALTER TYPE "public"."E" RENAME TO "E_old";
ALTER TYPE "public"."E_new" RENAME TO "E";
DROP TYPE "E_old";
ALTER TABLE "public"."A" ALTER COLUMN "e" SET DEFAULT 'X';
COMMIT;

-- AlterTable
ALTER TABLE "public"."A" DROP CONSTRAINT "A_pkey",
DROP COLUMN "x",
ALTER COLUMN "id" SET DATA TYPE BIGINT,
ALTER COLUMN "e" SET DEFAULT 'X',
ADD CONSTRAINT "A_pkey" PRIMARY KEY ("id");

-- DropTable
DROP TABLE "B";

-- CreateTable
CREATE TABLE "two"."C" (
    "id" INTEGER NOT NULL,

    CONSTRAINT "C_pkey" PRIMARY KEY ("id")
);
