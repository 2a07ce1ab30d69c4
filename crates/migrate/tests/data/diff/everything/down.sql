/*
  Fails if the tables contain data:

  - required column `Comment.id` is dropped and recreated with another type, which fails if the table has rows
  - column `Comment.pa` becomes required, which fails if a row has null there
  - column `Comment.pb` becomes required, which fails if a row has null there
  - column `users.email` becomes required, which fails if a row has null there
  - required column `Team.id` is dropped and recreated with another type, which fails if the table has rows
  - required column `_teams.A` is dropped and recreated with another type, which fails if the table has rows

  May lose data or fail:

  - enum `the colors` loses `violet`, which fails if a row uses it
  - the primary key of table `Comment` is dropped or replaced
  - column `Comment.n` is dropped with all its values
  - column `Comment.pb` changes from `BIGINT` to `INTEGER`: values may be out of range
  - the primary key of table `users` is dropped or replaced
  - column `users.id` changes from `BIGINT` to `INTEGER`: values may be out of range
  - column `users.refId` changes from `BIGINT` to `INTEGER`: values may be out of range
  - the primary key of table `Post` is dropped or replaced
  - column `Post.b` changes from `BIGINT` to `INTEGER`: values may be out of range
  - column `Post.authorId` changes from `BIGINT` to `INTEGER`: values may be out of range
  - column `Post.at` changes from `TIMESTAMPTZ(6)` to `TIMESTAMPTZ(3)`: fractions of a second may be rounded
  - the primary key of table `Team` is dropped or replaced
  - the primary key of table `_friends` is dropped or replaced
  - column `_friends.A` changes from `BIGINT` to `INTEGER`: values may be out of range
  - column `_friends.B` changes from `BIGINT` to `INTEGER`: values may be out of range
  - the primary key of table `_teams` is dropped or replaced
  - column `_teams.B` changes from `BIGINT` to `INTEGER`: values may be out of range
  - table `Like` is dropped with all its rows
*/
-- CreateEnum
CREATE TYPE "Unused" AS ENUM ('a');

-- CreateEnum
CREATE TYPE "Gone" AS ENUM ('a', 'b');

-- AlterEnum
BEGIN;
CREATE TYPE "the colors_new" AS ENUM ('red', 'gr''een', 'blue');
ALTER TABLE "users" ALTER COLUMN "c" DROP DEFAULT;
ALTER TABLE "users" ALTER COLUMN "cs" DROP DEFAULT;
ALTER TABLE "users" ALTER COLUMN "c" TYPE "the colors_new" USING ("c"::text::"the colors_new");
ALTER TABLE "users" ALTER COLUMN "cs" TYPE "the colors_new"[] USING ("cs"::text::"the colors_new"[]);
ALTER TYPE "the colors" RENAME TO "the colors_old";
ALTER TYPE "the colors_new" RENAME TO "the colors";
DROP TYPE "the colors_old";
ALTER TABLE "users" ALTER COLUMN "c" SET DEFAULT 'red';
ALTER TABLE "users" ALTER COLUMN "cs" SET DEFAULT ARRAY['red', 'gr''een']::"the colors"[];
COMMIT;

-- DropForeignKey
ALTER TABLE "Comment" DROP CONSTRAINT "Comment_pa_pb_fkey";

-- DropForeignKey
ALTER TABLE "Like" DROP CONSTRAINT "Like_commentId_fkey";

-- DropForeignKey
ALTER TABLE "Like" DROP CONSTRAINT "Like_userId_fkey";

-- DropForeignKey
ALTER TABLE "users" DROP CONSTRAINT "users_refId_fkey";

-- DropForeignKey
ALTER TABLE "Post" DROP CONSTRAINT "author_fk";

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

-- DropIndex
DROP INDEX "Post_a_b_key";

-- AlterTable
ALTER TABLE "Comment" DROP CONSTRAINT "Comment_pkey",
DROP COLUMN "n",
DROP COLUMN "id",
ADD COLUMN     "id" UUID NOT NULL,
ALTER COLUMN "pa" SET NOT NULL,
ALTER COLUMN "pb" SET NOT NULL,
ALTER COLUMN "pb" SET DATA TYPE INTEGER,
ADD CONSTRAINT "Comment_pkey" PRIMARY KEY ("id");

-- AlterTable
ALTER TABLE "users" DROP CONSTRAINT "users_pkey",
ADD COLUMN     "g" "Gone" NOT NULL DEFAULT 'a',
ALTER COLUMN "id" SET DATA TYPE INTEGER,
ALTER COLUMN "email" SET NOT NULL,
ALTER COLUMN "c" SET DEFAULT 'red',
ALTER COLUMN "cs" SET DEFAULT ARRAY['red', 'gr''een']::"the colors"[],
ALTER COLUMN "m" DROP DEFAULT,
ALTER COLUMN "refId" SET DATA TYPE INTEGER,
ADD CONSTRAINT "users_pkey" PRIMARY KEY ("id");

-- AlterTable
ALTER TABLE "Post" DROP CONSTRAINT "postpk",
ALTER COLUMN "b" SET DATA TYPE INTEGER,
ALTER COLUMN "authorId" SET DATA TYPE INTEGER,
ALTER COLUMN "tags" SET DATA TYPE TEXT[],
ALTER COLUMN "at" SET DATA TYPE TIMESTAMPTZ(3),
ADD CONSTRAINT "Post_pkey" PRIMARY KEY ("a", "b");

-- AlterTable
ALTER TABLE "Team" DROP CONSTRAINT "Team_pkey",
DROP COLUMN "id",
ADD COLUMN     "id" BIGINT NOT NULL,
ADD CONSTRAINT "Team_pkey" PRIMARY KEY ("id");

-- AlterTable
ALTER TABLE "_friends" DROP CONSTRAINT "_friends_AB_pkey",
ALTER COLUMN "A" SET DATA TYPE INTEGER,
ALTER COLUMN "B" SET DATA TYPE INTEGER,
ADD CONSTRAINT "_friends_AB_pkey" PRIMARY KEY ("A", "B");

-- AlterTable
ALTER TABLE "_teams" DROP CONSTRAINT "_teams_AB_pkey",
DROP COLUMN "A",
ADD COLUMN     "A" BIGINT NOT NULL,
ALTER COLUMN "B" SET DATA TYPE INTEGER,
ADD CONSTRAINT "_teams_AB_pkey" PRIMARY KEY ("A", "B");

-- DropTable
DROP TABLE "Like";

-- DropEnum
DROP TYPE "New";

-- CreateTable
CREATE TABLE "Profile" (
    "userId" INTEGER NOT NULL,
    "bio" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "Profile_pkey" PRIMARY KEY ("userId")
);

-- CreateIndex
CREATE INDEX "users_email_m_idx" ON "users"("email", "m" DESC);

-- CreateIndex
CREATE INDEX "Post_authorId_idx" ON "Post" USING HASH ("authorId");

-- AddForeignKey
ALTER TABLE "users" ADD CONSTRAINT "users_refId_fkey" FOREIGN KEY ("refId") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Profile" ADD CONSTRAINT "Profile_userId_fkey" FOREIGN KEY ("userId") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Post" ADD CONSTRAINT "Post_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "Comment" ADD CONSTRAINT "Comment_pa_pb_fkey" FOREIGN KEY ("pa", "pb") REFERENCES "Post"("a", "b") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "_friends" ADD CONSTRAINT "_friends_A_fkey" FOREIGN KEY ("A") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "_friends" ADD CONSTRAINT "_friends_B_fkey" FOREIGN KEY ("B") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "_teams" ADD CONSTRAINT "_teams_A_fkey" FOREIGN KEY ("A") REFERENCES "Team"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "_teams" ADD CONSTRAINT "_teams_B_fkey" FOREIGN KEY ("B") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- RenameIndex
ALTER INDEX "mail_unique" RENAME TO "users_email_key";

-- RenameIndex
ALTER INDEX "renamed" RENAME TO "users_email_m_key";
