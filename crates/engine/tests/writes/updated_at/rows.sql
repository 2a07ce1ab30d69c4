INSERT INTO "Parent" ("id", "updatedAt") VALUES (1, '2020-01-01'), (2, '2020-01-01'), (3, '2020-01-01');
INSERT INTO "Child" ("id", "updatedAt", "parentId") VALUES
    (1, '2020-01-01', 1), (2, '2020-01-01', 1), (3, '2020-01-01', NULL), (4, '2020-01-01', 2);
INSERT INTO "One" ("id", "updatedAt", "parentId") VALUES (1, '2020-01-01', 1), (2, '2020-01-01', NULL), (3, '2020-01-01', 2);
INSERT INTO "Tag" ("id", "updatedAt") VALUES (1, '2020-01-01'), (2, '2020-01-01');
INSERT INTO "_ParentToTag" VALUES (1, 1);
