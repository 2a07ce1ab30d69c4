/*
  May lose data or fail:

  - enum `the colors` loses `blue`, which fails if a row uses it
  - the primary key of table `users` is dropped or replaced
  - column `users.g` is dropped with all its values
  - the primary key of table `Post` is dropped or replaced
  - column `Post.tags` is dropped and recreated with another type, which loses all its values
  - the primary key of table `Comment` is dropped or replaced
  - the primary key of table `Team` is dropped or replaced
  - the primary key of table `_friends` is dropped or replaced
  - the primary key of table `_teams` is dropped or replaced
  - table `Profile` is dropped with all its rows
  - table `Post` gets a unique constraint on `a`, `b`, which fails if rows have duplicate values
*/
-- CreateEnum
CREATE TYPE "New" AS ENUM ('x', 'y');

-- AlterEnum
BEGIN;
CREATE TYPE "the colors_new" AS ENUM ('gr''een', 'violet', 'red');
ALTER TABLE "users" ALTER COLUMN "c" DROP DEFAULT;
ALTER TABLE "users" ALTER COLUMN "cs" DROP DEFAULT;
ALTER TABLE "users" ALTER COLUMN "c" TYPE "the colors_new" USING ("c"::text::"the colors_new");
ALTER TABLE "users" ALTER COLUMN "cs" TYPE "the colors_new"[] USING ("cs"::text::"the colors_new"[]);
ALTER TYPE "the colors" RENAME TO "the colors_old";
ALTER TYPE "the colors_new" RENAME TO "the colors";
DROP TYPE "the colors_old";
ALTER TABLE "users" ALTER COLUMN "c" SET DEFAULT 'violet';
ALTER TABLE "users" ALTER COLUMN "cs" SET DEFAULT ARRAY['red']::"the colors"[];
COMMIT;

-- DropForeignKey
ALTER TABLE "users" DROP CONSTRAINT "users_refId_fkey";

-- DropForeignKey
ALTER TABLE "Profile" DROP CONSTRAINT "Profile_userId_fkey";

-- DropForeignKey
ALTER TABLE "Post" DROP CONSTRAINT "Post_authorId_fkey";

-- DropForeignKey
ALTER TABLE "Comment" DROP CONSTRAINT "Comment_pa_pb_fkey";

-- DropForeignKey
ALTER TABLE "_friends" DROP CONSTRAINT "_friends_A_fkey";

-- DropForeignKey
ALTER TABLE "_friends" DROP CONSTRAINT "_friends_B_fkey";

-- DropForeignKey
ALTER TABLE "_teams" DROP CONSTRAINT "_teams_A_fkey";

-- DropForeignKey
ALTER TABLE "_teams" DROP CONSTRAINT "_teams_B_fkey";

-- DropIndex
DROP INDEX "users_email_m_idx";

-- DropIndex
DROP INDEX "Post_authorId_idx";

-- AlterTable
ALTER TABLE "users" DROP CONSTRAINT "users_pkey",
DROP COLUMN "g",
ALTER COLUMN "id" SET DATA TYPE BIGINT,
ALTER COLUMN "email" DROP NOT NULL,
ALTER COLUMN "c" SET DEFAULT 'violet',
ALTER COLUMN "cs" SET DEFAULT ARRAY['red']::"the colors"[],
ALTER COLUMN "n" SET DEFAULT 0,
ALTER COLUMN "refId" SET DATA TYPE BIGINT,
ADD CONSTRAINT "users_pkey" PRIMARY KEY ("id");

-- AlterTable
ALTER TABLE "Post" DROP CONSTRAINT "Post_pkey",
ALTER COLUMN "b" SET DATA TYPE BIGINT,
ALTER COLUMN "authorId" SET DATA TYPE BIGINT,
DROP COLUMN "tags",
ADD COLUMN     "tags" INTEGER[],
ALTER COLUMN "at" SET DATA TYPE TIMESTAMPTZ(6),
ADD CONSTRAINT "postpk" PRIMARY KEY ("b", "a");

-- AlterTable
ALTER TABLE "Comment" DROP CONSTRAINT "Comment_pkey",
ADD COLUMN     "n" "New" NOT NULL DEFAULT 'x',
ALTER COLUMN "id" SET DATA TYPE TEXT,
ALTER COLUMN "pa" DROP NOT NULL,
ALTER COLUMN "pb" DROP NOT NULL,
ALTER COLUMN "pb" SET DATA TYPE BIGINT,
ADD CONSTRAINT "Comment_pkey" PRIMARY KEY ("id");

-- AlterTable
ALTER TABLE "Team" DROP CONSTRAINT "Team_pkey",
ALTER COLUMN "id" SET DATA TYPE TEXT,
ADD CONSTRAINT "Team_pkey" PRIMARY KEY ("id");

-- AlterTable
ALTER TABLE "_friends" DROP CONSTRAINT "_friends_AB_pkey",
ALTER COLUMN "A" SET DATA TYPE BIGINT,
ALTER COLUMN "B" SET DATA TYPE BIGINT,
ADD CONSTRAINT "_friends_AB_pkey" PRIMARY KEY ("A", "B");

-- AlterTable
ALTER TABLE "_teams" DROP CONSTRAINT "_teams_AB_pkey",
ALTER COLUMN "A" SET DATA TYPE TEXT,
ALTER COLUMN "B" SET DATA TYPE BIGINT,
ADD CONSTRAINT "_teams_AB_pkey" PRIMARY KEY ("A", "B");

-- DropTable
DROP TABLE "Profile";

-- DropEnum
DROP TYPE "Unused";

-- DropEnum
DROP TYPE "Gone";

-- CreateTable
CREATE TABLE "Like" (
    "id" INTEGER NOT NULL,
    "commentId" TEXT NOT NULL,
    "userId" BIGINT NOT NULL,

    CONSTRAINT "Like_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Like_userId_idx" ON "Like"("userId");

-- CreateIndex
CREATE UNIQUE INDEX "Like_commentId_userId_key" ON "Like"("commentId", "userId");

-- CreateIndex
CREATE INDEX "users_email_m_idx" ON "users"("email", "m");

-- CreateIndex
CREATE INDEX "Post_tags_idx" ON "Post" USING GIN ("tags");

-- CreateIndex
CREATE INDEX "Post_authorId_idx" ON "Post"("authorId");

-- CreateIndex
CREATE UNIQUE INDEX "Post_a_b_key" ON "Post"("a", "b");

-- AddForeignKey
ALTER TABLE "Comment" ADD CONSTRAINT "Comment_pa_pb_fkey" FOREIGN KEY ("pa", "pb") REFERENCES "Post"("a", "b") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Like" ADD CONSTRAINT "Like_commentId_fkey" FOREIGN KEY ("commentId") REFERENCES "Comment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Like" ADD CONSTRAINT "Like_userId_fkey" FOREIGN KEY ("userId") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "users" ADD CONSTRAINT "users_refId_fkey" FOREIGN KEY ("refId") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Post" ADD CONSTRAINT "author_fk" FOREIGN KEY ("authorId") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "_friends" ADD CONSTRAINT "_friends_A_fkey" FOREIGN KEY ("A") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "_friends" ADD CONSTRAINT "_friends_B_fkey" FOREIGN KEY ("B") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "_teams" ADD CONSTRAINT "_teams_A_fkey" FOREIGN KEY ("A") REFERENCES "Team"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "_teams" ADD CONSTRAINT "_teams_B_fkey" FOREIGN KEY ("B") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RenameIndex
ALTER INDEX "users_email_key" RENAME TO "mail_unique";

-- RenameIndex
ALTER INDEX "users_email_m_key" RENAME TO "renamed";
