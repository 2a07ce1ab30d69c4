-- AlterEnum
BEGIN;
CREATE TYPE "color_new" AS ENUM ('red', 'green', 'violet');
ALTER TABLE "public"."a" ALTER COLUMN "c" DROP DEFAULT;
ALTER TABLE "public"."a" ALTER COLUMN "cs" DROP DEFAULT;
ALTER TABLE "a" ALTER COLUMN "c" TYPE "color_new" USING ("c"::text::"color_new");
ALTER TABLE "a" ALTER COLUMN "cs" TYPE "color_new"[] USING ("cs"::text::"color_new"[]);
ALTER TYPE "color" RENAME TO "color_old";
ALTER TYPE "color_new" RENAME TO "color";
DROP TYPE "public"."color_old";
ALTER TABLE "a" ALTER COLUMN "c" SET DEFAULT 'green';
COMMIT;

-- DropForeignKey
ALTER TABLE "b" DROP CONSTRAINT "b_a_id_2_fkey";

-- DropForeignKey
ALTER TABLE "b" DROP CONSTRAINT "b_a_id_fkey";

-- DropIndex
DROP INDEX "a_x_key";

-- DropIndex
DROP INDEX "a_y_z_key";

-- DropIndex
DROP INDEX "gone";

-- AlterTable
ALTER TABLE "a" ADD COLUMN     "n" TEXT NOT NULL DEFAULT 'new',
ALTER COLUMN "z" SET NOT NULL,
ALTER COLUMN "z" SET DATA TYPE VARCHAR(30),
ALTER COLUMN "c" SET DEFAULT 'green',
ALTER COLUMN "cs" DROP DEFAULT;

-- AlterTable
ALTER TABLE "b" ALTER COLUMN "t" SET DATA TYPE TIMESTAMP(3);

-- DropTable
DROP TABLE "gone_table";

-- DropEnum
DROP TYPE "gone_type";

-- CreateIndex
CREATE UNIQUE INDEX "a_z_key" ON "a"("z");

-- AddForeignKey
ALTER TABLE "b" ADD CONSTRAINT "b_a_id_fkey" FOREIGN KEY ("a_id") REFERENCES "a"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- RenameIndex
ALTER INDEX "b_a" RENAME TO "b_a_id_idx";

-- RenameIndex
ALTER INDEX "b_t" RENAME TO "b_t_idx";

