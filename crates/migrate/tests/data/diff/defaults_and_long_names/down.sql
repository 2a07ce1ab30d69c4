/*
  Loses data, or may fail:

  - table `ThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConstraintNames` goes, and all its rows with it
  - table `Oth` goes, and all its rows with it
  - table `_OthToThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConst` goes, and all its rows with it
*/
-- DropForeignKey
ALTER TABLE "ThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConstraintNames" DROP CONSTRAINT "ThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConstr_fkey";

-- DropForeignKey
ALTER TABLE "_OthToThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConst" DROP CONSTRAINT "_OthToThisIsAVeryLongModelNameThatIsUsedToTestTruncation_A_fkey";

-- DropForeignKey
ALTER TABLE "_OthToThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConst" DROP CONSTRAINT "_OthToThisIsAVeryLongModelNameThatIsUsedToTestTruncation_B_fkey";

-- DropTable
DROP TABLE "ThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConstraintNames";

-- DropTable
DROP TABLE "Oth";

-- DropTable
DROP TABLE "_OthToThisIsAVeryLongModelNameThatIsUsedToTestTruncationOfConst";
