/*
  May lose data or fail:

  - enum `public.E` loses `C`, which fails if a row uses it
  - enum `public.G` loses `C`, `D`, which fails if a row uses them
  - enum `two.GG` loses `C`, which fails if a row uses it
  - column `public.A.zz` is dropped with all its values
  - the primary key of table `public.D` is dropped or replaced
  - column `public.D.t` is dropped with all its values
  - column `public.D.s` changes from `BIGINT` to `INTEGER`: values may be out of range
  - table `public.A` gets a unique constraint on `x`, which fails if rows have duplicate values
*/
-- AlterEnum
BEGIN;
CREATE TYPE "public"."E_new" AS ENUM ('A', 'B');
ALTER TABLE "public"."A" ALTER COLUMN "e" DROP DEFAULT;
ALTER TABLE "public"."A" ALTER COLUMN "e" TYPE "public"."E_new" USING ("e"::text::"public"."E_new");
ALTER TYPE "public"."E" RENAME TO "E_old";
ALTER TYPE "public"."E_new" RENAME TO "E";
DROP TYPE "public"."E_old";
ALTER TABLE "public"."A" ALTER COLUMN "e" SET DEFAULT 'A';
COMMIT;

-- AlterEnum
BEGIN;
CREATE TYPE "public"."G_new" AS ENUM ('A', 'B');
ALTER TABLE "public"."A" ALTER COLUMN "g" TYPE "public"."G_new" USING ("g"::text::"public"."G_new");
ALTER TYPE "public"."G" RENAME TO "G_old";
ALTER TYPE "public"."G_new" RENAME TO "G";
DROP TYPE "public"."G_old";
COMMIT;

-- AlterEnum
BEGIN;
CREATE TYPE "two"."GG_new" AS ENUM ('A', 'B');
ALTER TABLE "public"."A" ALTER COLUMN "gg" TYPE "two"."GG_new" USING ("gg"::text::"two"."GG_new");
ALTER TYPE "two"."GG" RENAME TO "GG_old";
ALTER TYPE "two"."GG_new" RENAME TO "GG";
DROP TYPE "two"."GG_old";
COMMIT;

-- DropIndex
DROP INDEX "D_n_idx";

-- AlterTable
CREATE SEQUENCE "public".a_y_seq;
ALTER TABLE "public"."A" RENAME CONSTRAINT "apk2" TO "apk";
ALTER TABLE "public"."A" DROP COLUMN "zz",
ALTER COLUMN "y" SET DEFAULT nextval('"public".a_y_seq');
ALTER SEQUENCE "public".a_y_seq OWNED BY "public"."A"."y";

-- AlterTable
CREATE SEQUENCE "public".b_id_seq;
ALTER TABLE "public"."B" ALTER COLUMN "id" SET DEFAULT nextval('"public".b_id_seq');
ALTER SEQUENCE "public".b_id_seq OWNED BY "public"."B"."id";

-- AlterTable
ALTER TABLE "public"."D" DROP CONSTRAINT "D_pkey",
DROP COLUMN "t",
ALTER COLUMN "s" SET DATA TYPE INTEGER,
ADD CONSTRAINT "olddpk" PRIMARY KEY ("id");

-- CreateTable
CREATE TABLE "two"."C" (
    "id" INTEGER NOT NULL,

    CONSTRAINT "C_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "public"."_m2m" (
    "A" INTEGER NOT NULL,
    "B" INTEGER NOT NULL,

    CONSTRAINT "_m2m_AB_pkey" PRIMARY KEY ("A","B")
);

-- CreateIndex
CREATE INDEX "_m2m_B_index" ON "public"."_m2m"("B");

-- CreateIndex
CREATE UNIQUE INDEX "A_x_key" ON "public"."A"("x");

-- CreateIndex
CREATE INDEX "A_y_idx" ON "public"."A"("y");

-- CreateIndex
CREATE INDEX "D_n_idx" ON "public"."D"("n");

-- RenameForeignKey
ALTER TABLE "public"."B" RENAME CONSTRAINT "newfk" TO "B_aId_fkey";

-- AddForeignKey
ALTER TABLE "public"."B" ADD CONSTRAINT "cfk" FOREIGN KEY ("aId") REFERENCES "two"."C"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "public"."_m2m" ADD CONSTRAINT "_m2m_A_fkey" FOREIGN KEY ("A") REFERENCES "public"."A"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "public"."_m2m" ADD CONSTRAINT "_m2m_B_fkey" FOREIGN KEY ("B") REFERENCES "public"."B"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RenameIndex
ALTER INDEX "public"."newname" RENAME TO "oldname";
