-- DropIndex
DROP INDEX "third";

-- CreateIndex
CREATE INDEX "third" ON "A"("b");
