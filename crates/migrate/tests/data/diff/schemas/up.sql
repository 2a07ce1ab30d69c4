/*
  May lose data or fail:

  - enum `public.E` loses `B`, which fails if a row uses it
  - the primary key of table `public.D` is dropped or replaced
  - table `two.C` is dropped with all its rows
  - table `public._m2m` is dropped with all its rows
*/
-- AlterEnum
BEGIN;
CREATE TYPE "public"."E_new" AS ENUM ('A', 'C');
ALTER TABLE "public"."A" ALTER COLUMN "e" DROP DEFAULT;
ALTER TABLE "public"."A" ALTER COLUMN "e" TYPE "public"."E_new" USING ("e"::text::"public"."E_new");
ALTER TYPE "public"."E" RENAME TO "E_old";
ALTER TYPE "public"."E_new" RENAME TO "E";
DROP TYPE "public"."E_old";
ALTER TABLE "public"."A" ALTER COLUMN "e" SET DEFAULT 'A';
COMMIT;

-- AlterEnum
-- PostgreSQL 11 and older refuse this within one transaction: there, make it several migrations.
ALTER TYPE "public"."G" ADD VALUE 'C';
ALTER TYPE "public"."G" ADD VALUE 'D';

-- AlterEnum
ALTER TYPE "two"."GG" ADD VALUE 'C';

-- DropForeignKey
ALTER TABLE "B" DROP CONSTRAINT "cfk";

-- DropForeignKey
ALTER TABLE "_m2m" DROP CONSTRAINT "_m2m_A_fkey";

-- DropForeignKey
ALTER TABLE "_m2m" DROP CONSTRAINT "_m2m_B_fkey";

-- DropIndex
DROP INDEX "A_x_key";

-- DropIndex
DROP INDEX "A_y_idx";

-- DropIndex
DROP INDEX "D_n_idx";

-- AlterTable
ALTER TABLE "public"."A" RENAME CONSTRAINT "apk" TO "apk2";
ALTER TABLE "public"."A" ADD COLUMN     "zz" SERIAL NOT NULL,
ALTER COLUMN "y" DROP DEFAULT;

-- AlterTable
ALTER TABLE "public"."B" ALTER COLUMN "id" DROP DEFAULT;

-- AlterTable
ALTER TABLE "public"."D" DROP CONSTRAINT "olddpk",
ADD COLUMN     "t" SERIAL NOT NULL,
ALTER COLUMN "s" SET DATA TYPE BIGINT,
ADD CONSTRAINT "D_pkey" PRIMARY KEY ("n");

-- DropTable
DROP TABLE "two"."C";

-- DropTable
DROP TABLE "_m2m";

-- CreateIndex
CREATE INDEX "D_n_idx" ON "public"."D" USING HASH ("n");

-- RenameForeignKey
ALTER TABLE "public"."B" RENAME CONSTRAINT "B_aId_fkey" TO "newfk";

-- RenameIndex
ALTER INDEX "public"."oldname" RENAME TO "newname";
