INSERT INTO "Person" (id, name) VALUES (1, 'Ada'), (2, NULL), (3, 'Ada'), (4, 'Zoe');
INSERT INTO "Group" (id) VALUES (1), (2), (3);
INSERT INTO "_GroupToPerson" ("A", "B") VALUES (1, 1), (1, 2), (2, 1), (2, 3);
INSERT INTO "Post" (id, title, "personId") VALUES
  (1, 'a', 1), (2, NULL, 1), (3, 'a', 1), (4, 'b', 2), (5, NULL, 2), (6, 'c', 3), (7, 'a', 3);
INSERT INTO "Comment" (id, rank, "postId") VALUES
  (1, 1, 1), (2, NULL, 1), (3, 1, 1), (4, 2, 2), (5, 2, 2), (6, NULL, 3), (7, 3, 4), (8, 1, 6), (9, 1, 6), (10, 5, 7);
